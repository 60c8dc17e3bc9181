import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Server, createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../test/support/command-line.ts'
import {
  makeTestAuthority,
  type TestAuthority,
  type TestCertificate,
} from '../../../test/support/self-signed.ts'
import { DAY, instant, plus, toWireTime } from '../../domain/time.ts'
import { type CheckRules, checkTarget } from './check-target.ts'
import type { CheckReport } from './report.ts'

const NAME = 'www.example.com'

describe('certrail check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-'))
  const servers: Server[] = []
  let authority: TestAuthority
  let good: string
  let dual: string
  let bare: string

  beforeAll(async () => {
    authority = await makeTestAuthority()
    const valid = await authority.issue([NAME])
    const expired = await authority.issue([NAME], 'RSA', { endsInDays: -1 })
    good = await serve([valid])
    dual = await serve([valid, expired])
    bare = await serve([valid], false)
    writeFileSync(join(folder, 'roots.pem'), authority.rootPem)
  })
  afterAll(() => {
    for (const server of servers) server.close()
    rmSync(folder, { recursive: true })
  })

  async function serve(certificates: readonly TestCertificate[], withChain = true): Promise<string> {
    const chain = withChain ? `\n${authority.intermediatePem}` : ''
    const server = createServer({
      cert: certificates.map(({ certificatePem }) => certificatePem + chain),
      key: certificates.map(keyPem),
    })
    server.on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  function certrailCheck(lines: readonly string[], ...more: string[]) {
    writeFileSync(join(folder, 'names'), lines.join('\n'))
    const argv = ['check', '--names', 'names', '--cacert', 'roots.pem', ...more]
    return runCommandLine(argv, { workingDirectory: folder, home: '/nonexistent' })
  }
  const inDays = (days: number) => toWireTime(plus(instant(Date.now()), days * DAY))

  it('needs nothing but the names: no home, no API, no database', async () => {
    const run = await certrailCheck([`${NAME}=${good}`])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toMatch(/^1 certificate of 1 name: all well, at least 9\d% of each lifetime is left\n/)
  })

  it('says nothing to cron when all is well, and everything when it is not', async () => {
    expect(await certrailCheck([`${NAME}=${good}`], '--quiet')).toMatchObject({ exitCode: 0, stdout: '' })
    const run = await certrailCheck([`${NAME}=${good}`, `www.example.net=${good}`], '--quiet')
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toMatch(/^CRITICAL +www\.example\.net .* does not cover the name$/m)
    expect(run.stdout).toMatch(/^OK +www\.example\.com /m)
  })

  it.each([
    [26, 0, 'ok'],
    [27, 1, 'warning'],
    [29, 2, 'critical'],
    [31, 2, 'critical'],
  ])(
    'judges by the share of the lifetime that is left: after %i of 30 days it exits with %i',
    async (days, exitCode, state) => {
      const run = await certrailCheck([`${NAME}=${good}`], '--at', inDays(days), '--json')
      expect(run.exitCode).toBe(exitCode)
      expect(run.json()).toMatchObject({ state, results: [{ name: NAME, state }] })
    },
  )

  it('takes other shares, in percent or as fractions', async () => {
    const run = await certrailCheck([`${NAME}=${good}`], '--warning', '99.9%', '--critical', '0.98')
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain('of its lifetime is left')
  })

  it('sees both certificates of a dual-stacked name: one alone that has expired is critical', async () => {
    const run = await certrailCheck([`${NAME}=${dual}`], '--json')
    const { results } = run.json() as CheckReport
    expect(results.map(({ state, certificate }) => [state, certificate?.keyType])).toEqual([
      ['critical', 'rsa'],
      ['ok', 'ec'],
    ])
    expect(results[0]?.problems).toEqual([expect.stringContaining('expired at')])
  })

  it('is critical where the server forgot its intermediate, or nobody listens', async () => {
    const run = await certrailCheck([`${NAME}=${bare}`, `${NAME}=127.0.0.1:1`], '--json')
    expect(run.exitCode).toBe(2)
    const problems = (run.json() as CheckReport).results.flatMap((result) => result.problems)
    expect(problems).toEqual([
      expect.stringContaining('no root that is trusted here signed'),
      expect.stringContaining('connection refused'),
    ])
  })

  it('does not trust the roots of the operating system when others are named, nor others when none are', async () => {
    writeFileSync(join(folder, 'names'), `${NAME}=${good}`)
    const run = await runCommandLine(['check', '--names', 'names'], { workingDirectory: folder })
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain('no root that is trusted here signed Test issuing')
  })

  it('speaks to Nagios in one line, with a figure for each certificate', async () => {
    const run = await certrailCheck([`${NAME}=${good}`, `other.example.com=${good}`], '--nagios')
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toMatch(
      /^CERTRAIL CRITICAL - 2 certificates of 2 names: 1 critical; other\.example\.com at 127\.0\.0\.1:\d+: does not cover the name \| ('[a-z.]+ 127\.0\.0\.1:\d+ ec'=\d+(\.\d+)?%;12\.5:;6\.25:;0;100 ?){2}\n$/,
    )
    expect((await certrailCheck([`${NAME}=${good}`], '--nagios')).stdout).toMatch(/^CERTRAIL OK - /)
  })

  it.each([
    [['check']],
    [['check', '--names', 'absent']],
    [['check', '--names', 'names', '--nope']],
    [['check', '--names', 'names', '--warning', '300%']],
    [['check', '--names', 'names', '--warning', '5%', '--critical', '10%']],
    [['check', '--names', 'names', '--at', 'tomorrow']],
    [['check', '--names', 'names', '--timeout', '0']],
    [['check', '--names', 'names', '--nagios', '--json']],
    [['check', '--names', 'names', '--cacert', 'names']],
  ])('answers UNKNOWN, not CRITICAL, to wrong usage: %j', async (argv) => {
    writeFileSync(join(folder, 'names'), `${NAME}=${good}`)
    const run = await runCommandLine(argv, { workingDirectory: folder })
    expect(run).toMatchObject({ exitCode: 3, stdout: '' })
    expect(run.stderr).toContain('Wrong usage')
  })

  const rules = (): CheckRules => ({
    roots: [new X509Certificate(authority.rootPem)],
    at: instant(Date.now()),
    warning: 0.125,
    critical: 0.0625,
    timeoutMs: 10_000,
    fetchList: null,
  })

  it('asks every address of a name', async () => {
    const port = Number(good.split(':')[1])
    const lookUp = async () => ({ found: true, addresses: ['127.0.0.1', '127.0.0.2'] }) as const
    const results = await checkTarget({ name: NAME, host: NAME, port }, { ...rules(), lookUp })
    expect(results.map(({ address, state }) => [address, state])).toEqual([
      [`127.0.0.1:${port}`, 'ok'],
      [`127.0.0.2:${port}`, 'critical'],
    ])
  })

  it('knows nothing of a name where its own resolver is silent; a name without address is down', async () => {
    const target = { name: NAME, host: NAME, port: 443 }
    const silent = async () => ({ found: false, unknown: true, reason: 'silent' }) as const
    const absent = async () => ({ found: false, unknown: false, reason: 'absent' }) as const
    const stateWith = async (lookUp: NonNullable<CheckRules['lookUp']>) =>
      (await checkTarget(target, { ...rules(), lookUp })).map(({ state }) => state)
    expect(await stateWith(silent)).toEqual(['unknown'])
    expect(await stateWith(absent)).toEqual(['critical'])
  })
})

const keyPem = ({ privateKey, keyAlgorithm }: TestCertificate) =>
  createPrivateKey({
    key: Buffer.from(privateKey),
    format: 'der',
    type: keyAlgorithm === 'RSA' ? 'pkcs1' : 'sec1',
  }).export({ format: 'pem', type: 'pkcs8' })
