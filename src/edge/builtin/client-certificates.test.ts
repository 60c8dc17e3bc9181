import { createPrivateKey } from 'node:crypto'
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { getJson, handshake, opensslClient, sessionFrom } from '../../../test/support/edge-client.ts'
import { type EdgeFixture, startEdge } from '../../../test/support/edge-fixture.ts'
import { allNamesOf, issueGeneration } from '../../../test/support/edge-generation.ts'
import {
  type IssueOptions,
  makeTestAuthority,
  type TestAuthority,
  type TestCertificate,
} from '../../../test/support/self-signed.ts'
import { accountId } from '../../domain/identifiers.ts'
import type { NetworkConfiguration } from '../../domain/enrollment/enrollment.ts'
import { instant } from '../../domain/time.ts'
import { clientCertificateFault } from '../../pki/client-certificate.ts'
import { createCertificateReader } from '../../pki/certificate-reader.ts'
import { createProbe } from '../probe.ts'

const CLIENT_USAGE = '1.3.6.1.5.5.7.3.2'
const SERVER_USAGE = '1.3.6.1.5.5.7.3.1'
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
type Version = (typeof VERSIONS)[number]

let site: TestAuthority
let ours: TestAuthority
let theirs: TestAuthority
let good: ConnectionOptions
let edge: EdgeFixture

const reader = createCertificateReader()

beforeAll(async () => {
  ;[site, ours, theirs] = await Promise.all([makeTestAuthority(), makeTestAuthority(), makeTestAuthority()])
  good = await client(ours)
})
beforeEach(async () => {
  edge = await startEdge({
    judgeClient: (chain, authorities) =>
      clientCertificateFault(
        chain,
        authorities.flatMap((pem) => reader.split(pem)),
        instant(Date.now()),
      ),
  })
})
afterEach(() => edge.network.close())

const only = (version: SecureVersion): ConnectionOptions => ({ minVersion: version, maxVersion: version })

const presented = (certificate: TestCertificate, chain: string): ConnectionOptions => ({
  cert: `${certificate.certificatePem}\n${chain}`,
  key: createPrivateKey({ key: Buffer.from(certificate.privateKey), format: 'der', type: 'sec1' }).export({
    type: 'sec1',
    format: 'pem',
  }),
})

const client = async (authority: TestAuthority, options: IssueOptions = {}): Promise<ConnectionOptions> =>
  presented(await authority.issue(['client.example'], 'ECDSA', options), authority.intermediatePem)

const mutual = (setId: string, sendCaListToClient: boolean): Partial<NetworkConfiguration> => ({
  clientMutualAuthentication: {
    setId,
    authenticationOptions: { sendCaListToClient, ocsp: { enabled: false } },
  },
})

const KEY = (setId: string) => ({ accountId: accountId('test-account'), setId })

function trust(setId: string, revision: number, authority: TestAuthority): void {
  edge.network.trust(KEY(setId), { ...KEY(setId), revision, certificates: [authority.rootPem] })
}

async function serve(name: string, settings: Partial<NetworkConfiguration>): Promise<void> {
  const generation = await issueGeneration(site, [name], 'staging', settings)
  edge.network.put(generation)
  edge.network.assign(allNamesOf(generation))
}

/** Null: no answer came through. */
async function entering(name: string, options: ConnectionOptions): Promise<{ reused: boolean } | null> {
  try {
    const tls = await handshake(edge.address, name, options)
    const answer = await getJson(tls, name)
    expect(answer.status).toBe(200)
    const reused = tls.isSessionReused()
    tls.destroy()
    return { reused }
  } catch {
    return null
  }
}

describe.each([
  ['and its authorities told', true],
  ['and its authorities kept to itself', false],
])('a trust-chain set, %s', (_, tells) => {
  describe.each(VERSIONS)('in %s', (version) => {
    const enters = async (options: ConnectionOptions) =>
      (await entering('m.example', { ...only(version), ...options })) !== null
    beforeEach(async () => {
      await serve('m.example', mutual('1', tells))
      trust('1', 1, ours)
    })

    it('lets in whose certificate leads to it, and nobody else', async () => {
      expect(await enters(good)).toBe(true)
      expect(await enters(await client(ours, { usages: [CLIENT_USAGE] }))).toBe(true)
      expect(await enters({})).toBe(false)
      // Of the same names, by another key.
      expect(await enters(await client(theirs))).toBe(false)
      const stranger = await theirs.issue(['client.example'])
      expect(await enters(presented(stranger, ours.intermediatePem))).toBe(false)
      expect(await enters(await client(ours, { endsInDays: -1 }))).toBe(false)
      expect(await enters(await client(ours, { usages: [SERVER_USAGE] }))).toBe(false)
      expect(await enters(presented(await ours.issue(['client.example']), ''))).toBe(false)
    })

    it('is another one at the next connection once another revision is active', async () => {
      expect(await enters(good)).toBe(true)
      trust('1', 2, theirs)
      expect(await enters(good)).toBe(false)
      expect(await enters(await client(theirs))).toBe(true)
      trust('1', 1, ours)
      expect(await enters(good)).toBe(true)
    })
  })
})

describe('a name that names a trust-chain set', () => {
  it('is answered to nobody before the set was read', async () => {
    await serve('m.example', mutual('1', false))
    await expect(handshake(edge.address, 'm.example', good)).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
    })
    await edge.untilEnded('trust-unknown')
  })

  it('is open to everybody where the account has no such set', async () => {
    await serve('m.example', mutual('unknown', false))
    edge.network.trust(KEY('unknown'), null)
    expect(await entering('m.example', {})).toEqual({ reused: false })
  })

  it.each(VERSIONS)(
    'tells its authorities in %s only where it shall (sendCaListToClient)',
    async (version) => {
      await serve('told.example', mutual('1', true))
      await serve('kept.example', mutual('1', false))
      trust('1', 1, ours)
      const flag = version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3'
      expect(await opensslClient(edge.address, ['-servername', 'told.example', flag])).toMatch(
        /Acceptable client certificate CA names\n.*Test root/,
      )
      const kept = await opensslClient(edge.address, ['-servername', 'kept.example', flag])
      expect(kept).toContain('No client certificate CA names sent')
    },
  )

  it.each([
    ['TLSv1_3', true],
    ['TLSv1_3', false],
    ['TLSv1_2', true],
    ['TLSv1_2', false],
  ])(
    'is seen by a probe that has no certificate: without %s, authorities told: %s',
    async (version, tells) => {
      await serve('m.example', { ...mutual('1', tells), disallowedTlsVersions: [version] })
      trust('1', 1, ours)
      const seen = await createProbe()({ ...edge.address, serverName: 'm.example', timeoutMs: 5_000 })
      expect(seen.certificates).toHaveLength(2)
      expect(await entering('m.example', {})).toBeNull()
    },
  )
})

/** CVE-2025-23419 and its kind: whoever was let in under one policy must not get in under another by a session. */
describe('a session never opens a name that demands client certificates', () => {
  const CLASSES: Readonly<Record<string, Partial<NetworkConfiguration>>> = {
    'plain.example': {},
    'kept.example': mutual('1', false),
    'told.example': mutual('1', true),
    'other.example': mutual('2', false),
    'both.example': mutual('2', true),
  }
  const names = Object.keys(CLASSES)
  const pairs = names.flatMap((from) =>
    names.flatMap((to) =>
      VERSIONS.filter(() => to !== 'plain.example' || from !== 'plain.example').map(
        (version) => [from, to, version] as const,
      ),
    ),
  )
  const certificateFor = async (name: string): Promise<ConnectionOptions> => {
    const setId = CLASSES[name]?.clientMutualAuthentication?.setId
    return setId === '2' ? client(theirs) : good
  }

  async function kept(name: string, version: Version): Promise<Buffer> {
    return sessionFrom(edge.address, name, version, await certificateFor(name))
  }

  it.each(pairs)('from %s to %s, %s', async (from, to, version) => {
    trust('1', 1, ours)
    trust('2', 1, theirs)
    for (const name of new Set([from, to])) await serve(name, CLASSES[name] ?? {})
    const session = await kept(from, version)
    const without = await entering(to, { ...only(version), session })
    expect(without).toEqual(to === 'plain.example' ? { reused: false } : null)
    const owner = await certificateFor(to)
    expect(await entering(to, { ...only(version), session, ...owner })).toEqual({ reused: false })
  })
})
