import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../test/support/command-line.ts'
import {
  type TestAuthority,
  testAuthority,
  testLeaf,
  testRoot,
} from '../../../test/support/test-certificates.ts'
import type { RevocationReason } from '../../domain/certificate/revocation.ts'
import { DAY, HOUR, instant, plus } from '../../domain/time.ts'
import { createRevocationList } from '../../pki/crl.ts'
import { extension } from '../../pki/extensions.ts'
import { integer, sequence } from '../../pki/der.ts'
import { OID } from '../../pki/object-identifiers.ts'
import { toPem } from '../../pki/pem.ts'
import { privateKeyPem } from '../../pki/private-key.ts'
import { revocationsOf, revokedIn, unreadIn } from '../revocation-look.ts'
import type { CheckReport } from './report.ts'

const NAMES = ['a.example', 'b.example'] as const
/** A lab's, as the server has it. */
const LAB = { CERTRAIL_ALLOW_PRIVATE_TARGETS: 'true' }

describe('certrail check reads the revocation lists of what is served', () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-lists-'))
  const now = instant(Date.now())
  const root = testRoot({ cn: 'Root', at: plus(now, -DAY) })
  const issuing = testAuthority(root, { cn: 'Issuing', at: plus(now, -DAY) })
  const served = new Map<string, Server>()
  let lists: HttpServer
  let asked = 0
  let revoked: { serialNumber: string; at: typeof now; reason: RevocationReason }[] = []

  beforeAll(async () => {
    lists = createHttpServer((_, response) => {
      asked += 1
      response.end(
        createRevocationList(
          { thisUpdate: plus(now, -HOUR), nextUpdate: plus(now, DAY), revoked },
          issuing.issuer,
        ),
      )
    })
    const crlUri = `http://127.0.0.1:${await listening(lists)}/one.crl`
    for (const cn of NAMES) await serve(cn, issued(cn, { crlUri }))
    await serve('silent.example', issued('silent.example', {}))
    writeFileSync(join(folder, 'roots.pem'), toPem('CERTIFICATE', root.der))
  })
  beforeEach(() => {
    asked = 0
    revoked = []
  })
  afterAll(() => {
    for (const server of [lists, ...served.values()]) server.close()
    rmSync(folder, { recursive: true })
  })

  const leaves = new Map<string, TestAuthority>()
  function issued(cn: string, more: NonNullable<Parameters<typeof testLeaf>[1]['more']>): TestAuthority {
    const leaf = testLeaf(issuing, { cn, at: plus(now, -DAY), more })
    leaves.set(cn, leaf)
    return leaf
  }

  async function serve(cn: string, leaf: TestAuthority): Promise<void> {
    const cert = [leaf, issuing].map(({ der }) => toPem('CERTIFICATE', der)).join('')
    const server = createServer({ cert, key: privateKeyPem(leaf.key) })
    server.on('tlsClientError', () => undefined)
    await listening(server)
    served.set(cn, server)
  }

  const revoke = (cn: string): void => {
    const { serialNumber } = new X509Certificate(leaves.get(cn)?.der ?? '')
    revoked.push({ serialNumber, at: plus(now, -HOUR), reason: 'key-compromise' })
  }

  function certrailCheck(
    names: readonly string[],
    environment: Readonly<Record<string, string>>,
    ...more: string[]
  ) {
    const portOf = (name: string) => (served.get(name) as Server).address() as AddressInfo
    writeFileSync(
      join(folder, 'names'),
      names.map((name) => `${name}=127.0.0.1:${portOf(name).port}`).join('\n'),
    )
    const argv = ['check', '--names', 'names', '--cacert', 'roots.pem', ...more]
    return runCommandLine(argv, { workingDirectory: folder, home: '/nonexistent', environment })
  }

  it('a list in which a certificate is not makes nobody worry, and is fetched once for all', async () => {
    const run = await certrailCheck(NAMES, LAB, '--json')
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    const { results } = run.json() as CheckReport
    expect(results.map(({ notes, revocation }) => [notes, revocation.map(({ status }) => status)])).toEqual(
      NAMES.map(() => [[], ['good', 'unknown']]),
    )
    expect(asked).toBe(1)
  })

  it('one that is revoked is critical, whatever is left of its life, and the other is well', async () => {
    revoke('b.example')
    const run = await certrailCheck(NAMES, LAB, '--quiet')
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toMatch(/^CRITICAL +b\.example .* was revoked at .* \(key-compromise\)$/m)
    expect(run.stdout).toMatch(/^OK +a\.example /m)
    expect((await certrailCheck(NAMES, LAB, '--nagios')).stdout).toMatch(
      /^CERTRAIL CRITICAL - 2 certificates of 2 names: 1 critical; b\.example at 127\.0\.0\.1:\d+: .* was revoked/,
    )
  })

  it('is led nowhere but to public addresses: then the list is not read, which is told and is no fault', async () => {
    revoke('a.example')
    const run = await certrailCheck(['a.example'], {})
    expect([run.exitCode, asked]).toEqual([0, 0])
    expect(run.stdout).toContain('; of 1 certificate no revocation list could be read\n')
    expect(run.stdout).toMatch(
      /^OK +a\.example .* whether a\.example is revoked is not known: .* is not where Certrail may connect to/m,
    )
    expect((await certrailCheck(['a.example'], {}, '--nagios')).stdout).toMatch(
      /^CERTRAIL OK - .* of 1 certificate no revocation list could be read \| /,
    )
    expect((await certrailCheck(['a.example'], {}, '--quiet')).stdout).toBe('')
  })

  it('a list that nobody answers for is told and is no fault', async () => {
    const gone = createHttpServer()
    const port = await listening(gone)
    gone.close()
    await once(gone, 'close')
    await serve('gone.example', issued('gone.example', { crlUri: `http://127.0.0.1:${port}/one.crl` }))
    const run = await certrailCheck(['gone.example'], LAB, '--json')
    const { state, results } = run.json() as CheckReport
    expect([run.exitCode, state]).toEqual([0, 'ok'])
    expect(results[0]?.notes).toEqual([
      expect.stringMatching(/^whether gone\.example is revoked is not known: .* could not be reached/),
    ])
  })

  it('a certificate that names no list and no responder lacks nothing, and there is nothing to say', async () => {
    const run = await certrailCheck(['silent.example'], LAB)
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).not.toMatch(/revo/)
  })

  it('what a certificate says of lists and nobody can read is told and is no fault', async () => {
    const broken = extension(OID.crlDistributionPoints, false, sequence(integer(1), integer(2)))
    const path = [issued('broken.example', { extensions: [broken] }), issuing]
    const standings = await revocationsOf({
      path: path.map(({ der }) => new X509Certificate(der)),
      at: now,
      fetch: () => Promise.reject(new Error('nobody is asked')),
    })
    expect([revokedIn(standings), unreadIn(standings)]).toEqual([
      [],
      ['whether broken.example is revoked is not known: what it says of lists cannot be read'],
    ])
  })

  it('leaves lists alone where it is told to', async () => {
    revoke('a.example')
    expect([(await certrailCheck(['a.example'], LAB, '--no-crl')).exitCode, asked]).toEqual([0, 0])
  })
})

async function listening(server: Server | HttpServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
