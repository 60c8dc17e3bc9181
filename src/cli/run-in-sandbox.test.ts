import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FakeApi, startFakeApi } from '../../test/support/fake-api.ts'
import { CHALLENGES, createFakeCps } from '../../test/support/fake-cps.ts'
import { createNodeRandom } from '../../test/support/node-random.ts'
import { systemClock } from '../observe/system-clock.ts'
import { runInSandbox } from './run-in-sandbox.ts'

/** Stands for scripts/start.mjs: a home, ready.json last, then alive until SIGTERM. */
const SANDBOX = `
import { copyFileSync, renameSync, writeFileSync } from 'node:fs'
const home = process.env.CERTRAIL_HOME
console.log('sandbox is starting')
writeFileSync(process.env.NOTES + '/sandbox.json', JSON.stringify({ pid: process.pid, env: process.env }))
if (process.env.FAIL) process.exit(7)
for (const name of ['edgerc', 'service-root.pem', 'root.pem']) copyFileSync(process.env.API_HOME + '/' + name, home + '/' + name)
const ready = JSON.stringify({ api: 'https://localhost:1', staging: '127.0.0.1:1', production: '127.0.0.1:2' })
writeFileSync(home + '/ready.json', ready.slice(0, 10))
setImmediate(() => writeFileSync(home + '/ready.json', ready))
process.on('SIGTERM', () => { console.log('sandbox stopped well'); process.exit(0) })
setInterval(() => {}, 1000)
`

describe('a command in a sandbox of its own', () => {
  let api: FakeApi
  let directory: string
  let notes: string
  let said: string

  beforeAll(async () => {
    api = await startFakeApi()
  })
  afterAll(() => api.close())
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'certrail-exec-test-'))
    notes = join(directory, 'notes')
    mkdirSync(notes)
    writeFileSync(join(directory, 'start.mjs'), SANDBOX)
    said = ''
    const cps = createFakeCps({ steps: [CHALLENGES] })
    api.answerWith((request) =>
      request.target === '/certrail/v1/events'
        ? {
            type: 'text/event-stream',
            body: `id: 1\ndata: {"enrollmentId":10001,"changeId":20001,"event":"created"}\n\n`,
          }
        : cps.handler(request),
    )
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const run = (
    command: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    verbose = false,
  ) =>
    runInSandbox(
      {
        environment: { PATH: process.env['PATH'], NOTES: notes, API_HOME: api.home, ...environment },
        workingDirectory: directory,
        stdout: { write: (text) => expect.unreachable(`stdout: ${text}`) },
        stderr: {
          write: (text) => {
            said += text
          },
        },
        clock: systemClock(),
        random: createNodeRandom(),
      },
      { command, script: join(directory, 'start.mjs'), config: null, verbose },
    )

  const node = (script: string): readonly string[] => [process.execPath, '-e', script]
  const sandbox = () =>
    JSON.parse(readFileSync(join(notes, 'sandbox.json'), 'utf8')) as {
      pid: number
      env: Record<string, string>
    }
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  const left = (): readonly string[] =>
    readdirSync(directory).filter((name) => name.startsWith('certrail-exec-'))

  it('gets the variables of the sandbox and its certrail first on PATH, and leaves nothing behind', async () => {
    const script = `require('fs').writeFileSync(process.env.NOTES + '/command.json', JSON.stringify({
      env: process.env, which: require('child_process').execFileSync('sh', ['-c', 'command -v certrail'], { encoding: 'utf8' }) }))`
    expect(await run(node(script))).toBe(0)
    const seen = JSON.parse(readFileSync(join(notes, 'command.json'), 'utf8')) as {
      env: Record<string, string>
      which: string
    }
    const home = sandbox().env['CERTRAIL_HOME'] as string
    expect(seen.env).toMatchObject({
      CERTRAIL_HOME: home,
      EDGERC: join(home, 'edgerc'),
      AKAMAI_EDGERC: join(home, 'edgerc'),
      SSL_CERT_FILE: join(home, 'ca-bundle.pem'),
      REQUESTS_CA_BUNDLE: join(home, 'ca-bundle.pem'),
      NODE_EXTRA_CA_CERTS: join(home, 'root.pem'),
    })
    expect(seen.which.trim()).toBe(join(home, '..', 'bin', 'certrail'))
    expect(existsSync(join(home, '..'))).toBe(false)
    expect(isAlive(sandbox().pid)).toBe(false)
    expect([said, ...left()]).toEqual([''])
  })

  it('runs with free ports; the database and the credentials of somebody else stay out', async () => {
    const theirs = {
      DATABASE_URL: 'postgres://theirs',
      AKAMAI_CLIENT_SECRET: 'theirs',
      CERTRAIL_CA_KEY: 'rsa',
      CERTRAIL_API_PORT: '7443',
    }
    expect(
      await run(node('process.exit(process.env.AKAMAI_CLIENT_SECRET === undefined ? 0 : 1)'), theirs),
    ).toBe(0)
    expect(sandbox().env).toMatchObject({
      CERTRAIL_API_PORT: '0',
      CERTRAIL_DNS_PORT: '0',
      CERTRAIL_CA_KEY: 'rsa',
    })
    expect(sandbox().env).not.toHaveProperty('DATABASE_URL')
  })

  it('passes the exit code on, and on failure leaves logs and histories', async () => {
    expect(await run(node('process.exit(42)'))).toBe(42)
    const [folder = ''] = left()
    expect(folder).toMatch(/^certrail-exec-\d{8}T\d{6}Z$/)
    expect(said).toContain(folder)
    expect(readFileSync(join(directory, folder, 'sandbox.log'), 'utf8')).toBe(
      'sandbox is starting\nsandbox stopped well\n',
    )
    const histories = JSON.parse(readFileSync(join(directory, folder, 'histories.json'), 'utf8')) as unknown
    expect(histories).toMatchObject({
      enrollments: [{ id: 10_001 }],
      changes: [
        {
          key: { changeId: 20_001 },
          change: { allowedInput: [{}] },
          explanation: { waitsFor: 'the challenges to be placed' },
        },
      ],
    })
    expect(isAlive(sandbox().pid)).toBe(false)
  })

  it('that a signal ended gives 128 and its number', async () => {
    expect(await run(node('process.kill(process.pid, "SIGTERM")'))).toBe(143)
  })

  it('that does not exist gives 127, and the sandbox is stopped', async () => {
    await expect(run(['/nonexistent/command'])).rejects.toMatchObject({
      title: 'No such command',
      exitCode: 127,
    })
    expect(isAlive(sandbox().pid)).toBe(false)
  })

  it('is not run when the sandbox does not start, and the log says why', async () => {
    await expect(run(node('process.exit(0)'), { FAIL: '1' })).rejects.toMatchObject({
      title: 'The sandbox did not start',
      detail: 'It ended with 7; its log says why.',
      exitCode: 1,
    })
    expect(readFileSync(join(directory, left()[0] as string, 'sandbox.log'), 'utf8')).toBe(
      'sandbox is starting\n',
    )
  })

  it('is interrupted by a signal to us, and the sandbox is stopped', async () => {
    const parent = `process.kill(${process.pid}, 'SIGTERM'); setInterval(() => {}, 1000)`
    expect(await run(node(parent))).toBe(143)
    expect(isAlive(sandbox().pid)).toBe(false)
  })
})
