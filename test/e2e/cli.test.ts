import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import { servedFingerprint } from '../support/third-party.ts'

const SCRIPT = fileURLToPath(new URL('../../scripts/certrail.mjs', import.meta.url))

interface Run {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Settings of whoever runs the tests must not reach the command. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('CERTRAIL_') && !['DATABASE_URL', 'EDGERC'].includes(name),
    ),
  )

/** The command as a shell runs it: a process of its own, from the built program. */
async function runProgram(
  argv: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<Run> {
  const child = spawn(process.execPath, [SCRIPT, ...argv], {
    cwd,
    env: { ...cleanEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, stdout, stderr }
}

describe('the command line against a real server', () => {
  let home: string
  let folder: string
  let instance: Instance
  let authority: OutsideAuthority

  beforeAll(async () => {
    ;[home, folder] = await Promise.all([makeHome(), mkdtemp(join(tmpdir(), 'certrail-cli-'))])
    ;[instance, authority] = await Promise.all([
      startInstance(home, { CERTRAIL_SANDBOX_VETTING: 'manual' }),
      makeOutsideAuthority(),
    ])
  })
  afterAll(async () => {
    await authority.close()
    expect(await instance.stop()).toBe(0)
    await Promise.all([removeHome(home), rm(folder, { recursive: true, force: true })])
  })

  const certrail = (...argv: string[]): Promise<Run> => runProgram(argv, folder, { CERTRAIL_HOME: home })

  /** stdout of a command that has to end with that code. */
  async function said(exitCode: number, ...argv: string[]): Promise<string> {
    const run = await certrail(...argv)
    expect({ argv, ...run }).toEqual({ argv, ...run, exitCode })
    return run.stdout
  }
  const data = async (...argv: string[]) => {
    const run = await certrail(...argv, '--json')
    expect({ argv, ...run }).toEqual({ argv, ...run, exitCode: 0 })
    return JSON.parse(run.stdout)
  }
  const serialsIn = (history: string): readonly string[] =>
    history
      .split('\n')
      .slice(3)
      .flatMap((line) => /^([0-9A-F]{16,}) /.exec(line)?.[1] ?? [])

  it('leads an enrollment from its first certificate over new names and a renewal to its removal', async () => {
    const enrolled = await said(0, 'enroll', 'www.cli.example', 'cli.example', '--wait')
    const id = /^Enrollment (\d+) accepted, change \d+\.$/m.exec(enrolled)?.[1] ?? ''
    expect(enrolled).toContain(`www.cli.example (enrollment ${id}) is complete.\n`)
    expect(await said(0, 'list')).toMatch(
      new RegExp(`^${id} +www\\.cli\\.example +2 +dv +staging, production +- `, 'm'),
    )
    expect(await said(0, 'status', id)).toContain('none is open')

    const same = await said(0, 'update', id, '--san', 'CLI.example', '--wait')
    expect(same).toBe(`www.cli.example (enrollment ${id}) is stored: nothing to issue or deploy.\n`)
    const switched = await said(0, 'update', id, '--change-management', 'on')
    expect(switched).toContain('nothing to issue or deploy')
    expect((await data('show', id)).changeManagement).toBe(true)
    await said(0, 'update', id, '--change-management', 'off')

    const updated = await said(0, 'update', id, '--san', 'more.cli.example', '--wait')
    expect(updated).toContain('is complete.\n')
    expect((await data('show', id)).csr.sans).toContain('more.cli.example')
    expect(await said(0, 'probe', 'more.cli.example')).toContain('served and valid')

    const first = serialsIn(await said(0, 'history', id, '--certificates'))
    expect(await said(0, 'renew', id, '--wait')).toContain('is complete.\n')
    const second = serialsIn(await said(0, 'history', id, '--certificates'))
    expect(first).toHaveLength(2)
    expect(second.slice(1)).toEqual(first)
    expect(await said(0, 'probe', 'www.cli.example')).toContain(second[0])

    const changes = await said(0, 'history', id)
    expect(
      [...changes.matchAll(/(renew|modify-san|new-certificate) +completed/g)].map(([, word]) => word),
    ).toEqual(['renew', 'modify-san', 'new-certificate'])
    expect(await said(0, 'history', id, '--dv')).toMatch(/ more\.cli\.example +Valid /)

    const removed = await said(0, 'remove', id, '--wait')
    expect(removed).toMatch(new RegExp(`^www\\.cli\\.example \\(enrollment ${id}\\) is removed\\.$`, 'm'))
    const gone = await certrail('show', id)
    expect([gone.exitCode, gone.stderr]).toEqual([1, expect.stringContaining('(404)')])
    expect(await said(1, 'probe', 'www.cli.example')).toContain('NOT served')
  }, 120_000)

  it('takes an outside certificate from the signing request over the review to production', async () => {
    const enrolled = await said(
      3,
      ...['enroll', 'www.outside-cli.example', '--type', 'third-party', '--change-management', '--wait'],
    )
    const id = /^Enrollment (\d+)/.exec(enrolled)?.[1] ?? ''
    const next = `certrail upload ${id} --cert cert.pem --chain chain.pem`
    expect(enrolled).toContain(`certrail csr ${id}\n`)
    expect(enrolled).toContain(next)
    expect((await data('explain', id)).moves.map(({ how }: { how: string }) => how)).toEqual(
      expect.arrayContaining([`certrail csr ${id}`, next]),
    )

    const request = await said(0, 'csr', id)
    await said(0, 'csr', id, '--key-type', 'RSA', '--out', 'request.pem')
    expect(await readFile(join(folder, 'request.pem'), 'utf8')).toBe(request)
    const certificate = await authority.sign(request)
    await writeFile(join(folder, 'cert.pem'), certificate)
    // Root and leaf in the chain are findings that somebody has to see.
    await writeFile(join(folder, 'chain.pem'), authority.rootPem + certificate + authority.intermediatePem)
    const uploaded = await said(0, ...next.split(' ').slice(1))
    expect(uploaded).toMatch(/^Uploaded: RSA\.$/m)
    await said(0, 'wait', id, '--until', 'wait-review-third-party-cert', '--timeout', '60s')
    const reviewed = await said(0, 'acknowledge', id)
    expect(reviewed).toMatch(/^Warnings:\n {2}\S/)
    await said(0, 'wait', id, '--until', 'wait-ack-change-management', '--timeout', '60s')

    const wrong = await certrail('acknowledge', id, '--hash', '0'.repeat(40))
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining('Hash mismatch (409)')])
    const released = await said(0, 'acknowledge', id)
    expect(released).toMatch(/^Hash of what is released: [0-9a-f]{40}$/m)
    await said(0, 'wait', id)
    const fingerprint = new X509Certificate(certificate).fingerprint256
    for (const address of [instance.ready.staging, instance.ready.production])
      expect(await servedFingerprint(address, 'www.outside-cli.example')).toBe(fingerprint)

    expect(await said(3, 'renew', id, '--wait')).toContain(`certrail csr ${id}\n`)
    const cancelled = await said(0, 'cancel', id)
    expect(cancelled).toMatch(/is cancelled\. Live on: staging, production\.\n$/)
    expect((await certrail('cancel', id)).stderr).toContain(
      'certrail: Nothing to cancel: No change is open.\n',
    )
  }, 120_000)

  it('decides on vetting, in the place of the local CA', async () => {
    const enrolled = await data('enroll', 'ov.cli.example', '--type', 'ov')
    const id = String(enrolled.enrollmentId)
    await said(0, 'vetting', 'approve', id)
    await said(0, 'wait', id)
    expect((await data('status', id)).productionLive).toBe(true)
    expect((await data('organizations')).organizations).toEqual([
      expect.objectContaining({ id: expect.any(Number) }),
    ])
  }, 60_000)

  it('turns the clock', async () => {
    expect(await said(0, 'clock')).toMatch(/, as the real clock\n$/)
    expect(await said(0, 'clock', 'advance', '3d')).toMatch(/, (2|3) days ahead of the real clock\n$/)
    const { now } = await data('clock')
    const target = new Date(Date.parse(now) + 86_400_000).toISOString().slice(0, 19)
    expect((await data('clock', 'advance', '--to', `${target}Z`)).now.slice(0, 16)).toBe(target.slice(0, 16))
  })

  it('prints a section of an edgerc that works with the rights it was asked for', async () => {
    const section = await said(0, 'clients', 'create', '--role', 'read-only', '--section', 'reports')
    expect(section).toMatch(/^\[reports\]\nhost = /)
    await writeFile(join(folder, 'edgerc'), section)
    const asReports = ['--edgerc', join(folder, 'edgerc'), '--section', 'reports']
    await said(0, 'list', ...asReports)
    const refused = await certrail(
      'enroll',
      'no.cli.example',
      '--contract',
      instance.ready.contract,
      ...asReports,
    )
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('(403)')])
  })
})

/** Command lines and environments of all processes. */
async function processes(): Promise<string> {
  const child = spawn('ps', ['axeww'], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(child, 'close')
  return text
}

it('exec ends with the code of its command and leaves no process and no file behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'certrail-left-'))
  try {
    const script = 'certrail enroll a.example.com --wait && ps axeww > processes.txt'
    const run = await runProgram(['exec', '--', 'sh', '-c', script], folder, { TMPDIR: folder })
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('a.example.com') })
    expect(run.stdout).toContain('is complete.\n')
    // While it ran it was to be seen by this sign, so that its absence says something.
    expect(await readFile(join(folder, 'processes.txt'), 'utf8')).toContain(folder)
    expect(await processes()).not.toContain(folder)
    expect(await readdir(folder)).toEqual(['processes.txt'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)
