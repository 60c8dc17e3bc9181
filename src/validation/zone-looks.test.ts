import { afterEach, describe, expect, it } from 'vitest'
import { createNodeRandom } from '../../test/support/node-random.ts'
import type { DnsServer } from '../dns/exchange.ts'
import type { Lookup, RecordSource, ResourceRecord } from '../dns/record-source.ts'
import { createResolver } from '../dns/resolver.ts'
import { createDnsResponder, type DnsResponder } from '../dns/responder.ts'
import type { PublishedNames } from '../ports/published-names.ts'
import { dnsChallengeValue } from './dns-look.ts'
import { createChallengeLook } from './look.ts'
import { createNameLook } from './name-look.ts'

/** Several DNS servers on addresses of the loopback network: one that resolves, and the authoritative ones of a zone. */
const never = new AbortController().signal
const log = { warn: () => undefined }
const NOBODY: PublishedNames = {
  httpChallenge: async () => null,
  textRecords: async () => [],
  isAboveEnrolled: async () => false,
  enrolledAmong: async () => new Set(),
}
const APEX = 'zone.example'
const OWNER = `_acme-challenge.www.${APEX}`
const AUTHORIZATION = 'token-1.thumb'
const VALUE = dnsChallengeValue(AUTHORIZATION)
const TARGET = {
  type: 'dns-01',
  identifier: `www.${APEX}`,
  token: 'token-1',
  keyAuthorization: AUTHORIZATION,
} as const

const started: DnsResponder[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.close()))
})

const ZONE = { apex: APEX, nameServer: `ns1.${APEX}`, mailbox: `root.${APEX}`, serial: 1, ttlSeconds: 5 }

/** `broken`: names whose look-up fails, as a bogus signature would make it fail. */
function zoneOf(records: readonly ResourceRecord[], broken: readonly string[] = []): RecordSource {
  return {
    async lookup(name, type): Promise<Lookup | null> {
      if (broken.includes(`${name} ${type}`)) throw new Error('bogus')
      if (name !== 'example' && !name.endsWith('.example')) return null
      const there = records.filter((record) => record.name === name)
      const found = there.filter((record) => record.type === type || record.type === 'CNAME')
      if (found.length > 0) return { outcome: 'records', zone: ZONE, records: found }
      return { outcome: there.length > 0 ? 'no-data' : 'no-such-name', zone: ZONE }
    },
  }
}

async function serve(host: string, source: RecordSource, port = 0): Promise<number> {
  const responder = await createDnsResponder({
    listen: { hosts: [host], port },
    names: NOBODY,
    zones: [source],
    addresses: [],
    log,
  })
  started.push(responder)
  return responder.port
}

const text = (value: string, name = OWNER): ResourceRecord => ({ name, type: 'TXT', ttl: 5, data: [value] })
const address = (name: string, data: string): ResourceRecord => ({ name, type: 'A', ttl: 5, data })
const server = (data: string): ResourceRecord => ({ name: APEX, type: 'NS', ttl: 5, data })
const caa = (name: string, value: string, tag = 'issue'): ResourceRecord =>
  ({ name, type: 'CAA', ttl: 5, data: { flags: 0, tag, value } }) as ResourceRecord
const alias = (name: string, data: string): ResourceRecord => ({ name, type: 'CNAME', ttl: 5, data })

const resolverAt = (at: DnsServer) =>
  createResolver({ servers: [at], timeoutMs: 900, random: createNodeRandom() })

const DELEGATION = [
  server('ns1.zone.example'),
  server('ns2.zone.example'),
  address('ns1.zone.example', '127.0.0.2'),
  address('ns2.zone.example', '127.0.0.3'),
]

async function lookAt(
  dnsPort: number,
  records: readonly ResourceRecord[],
  broken: readonly string[] = [],
  targets: 'loopback' | 'public' = 'loopback',
) {
  const port = await serve('127.0.0.1', zoneOf([...DELEGATION, ...records], broken))
  const resolver = resolverAt({ host: '127.0.0.1', port })
  const look = createChallengeLook({
    resolver,
    resolverAt,
    targets,
    httpPort: 80,
    dnsPort,
    timeoutMs: 5_000,
  })
  return look.look(TARGET, never)
}

describe('a TXT value at all authoritative servers', () => {
  it('is found once every server has it, though the resolver still remembers that it was not there', async () => {
    const port = await serve('127.0.0.2', zoneOf([text('other'), text(VALUE)]))
    await serve('127.0.0.3', zoneOf([text(VALUE)]), port)
    const result = await lookAt(port, [])
    expect(result).toMatchObject({ found: true, error: null })
    expect(result.records.map(({ triedIp, usedIp }) => [triedIp, usedIp])).toEqual([
      ['127.0.0.2', '127.0.0.2'],
      ['127.0.0.3', '127.0.0.3'],
    ])
    expect(result.records[0]?.authorities).toEqual(['ns1.zone.example', 'ns2.zone.example'])
  })

  it('is not found while one server lacks it, and the server is named', async () => {
    const port = await serve('127.0.0.2', zoneOf([text(VALUE)]))
    await serve('127.0.0.3', zoneOf([text('stale')]), port)
    const { found, error, isUnclear } = await lookAt(port, [text(VALUE)])
    expect([found, isUnclear]).toEqual([false, undefined])
    expect(error).toMatch(/1 of 2 servers lack it: at ns2\.zone\.example \(127\.0\.0\.3\).*"stale"/)
  })

  it('is not held up by a server that does not answer, and keeps that it did not', async () => {
    const port = await serve('127.0.0.2', zoneOf([text(VALUE)]))
    const result = await lookAt(port, [])
    expect(result.found).toBe(true)
    expect(result.records.map(({ usedIp }) => usedIp)).toEqual(['127.0.0.2', ''])
  })

  it('is what the resolver says where no server can be asked', async () => {
    const port = await serve('127.0.0.2', zoneOf([]))
    expect((await lookAt(port, [text(VALUE)], [], 'public')).found).toBe(true)
    expect((await lookAt(port, [], [], 'public')).error).toContain('nxdomain')
  })

  it('does not count when the resolver refuses the zone (RFC 8555 section 10.2: the CA asks through DNSSEC)', async () => {
    const port = await serve('127.0.0.2', zoneOf([text(VALUE)]))
    const { found, error, isUnclear } = await lookAt(port, [], [`${OWNER} TXT`])
    expect([found, isUnclear]).toEqual([false, true])
    expect(error).toContain('SERVFAIL')
  })

  it('is looked for where aliases end', async () => {
    const target = 'challenges.zone.example'
    const port = await serve('127.0.0.2', zoneOf([text(VALUE, target)]))
    expect((await lookAt(port, [alias(OWNER, target)])).found).toBe(true)
  })
})

describe('what DNS says of a name before a CA is asked', () => {
  async function factsOf(
    name: string,
    records: readonly ResourceRecord[],
    { broken = [], issuers = ['letsencrypt.org'] }: { broken?: string[]; issuers?: string[] } = {},
  ) {
    const port = await serve('127.0.0.1', zoneOf(records, broken))
    const look = createNameLook({ resolver: resolverAt({ host: '127.0.0.1', port }), timeoutMs: 4_000 })
    const question = { names: [name], caa: { issuers, accountUri: null, methods: ['http-01', 'dns-01'] } }
    const [facts] = await look.factsOf(question, never)
    return facts!
  }

  it('climbs to the nearest CAA set and stops there (RFC 8659 section 3)', async () => {
    const records = [caa('zone.example', 'pki.example'), caa('example', 'letsencrypt.org')]
    const { caa: fact } = await factsOf('a.b.zone.example', records)
    expect(fact).toEqual({
      outcome: 'judged',
      at: 'zone.example',
      verdict: { outcome: 'other-issuer', issuers: ['pki.example'] },
      records: ['0 issue "pki.example"'],
    })
  })

  it('takes a set at the name itself before one above', async () => {
    const records = [caa('www.zone.example', 'letsencrypt.org'), caa('zone.example', ';')]
    expect((await factsOf('www.zone.example', records)).caa).toMatchObject({
      at: 'www.zone.example',
      verdict: { outcome: 'allowed' },
    })
  })

  it('follows an alias at each step and goes on climbing from the name, not from the alias', async () => {
    const records = [
      alias('www.zone.example', 'host.other.example'),
      address('host.other.example', '192.0.2.1'),
      caa('other.example', ';'),
      caa('zone.example', 'letsencrypt.org'),
    ]
    const facts = await factsOf('www.zone.example', records)
    expect(facts.caa).toMatchObject({ at: 'zone.example', verdict: { outcome: 'allowed' } })
    expect(facts).toMatchObject({ host: 'found', addresses: ['192.0.2.1'], alias: 'host.other.example' })
  })

  it('knows a wildcard by its base and by issuewild', async () => {
    const records = [caa('zone.example', 'letsencrypt.org'), caa('zone.example', ';', 'issuewild')]
    expect((await factsOf('*.zone.example', records)).caa).toMatchObject({
      verdict: { outcome: 'forbidden' },
    })
  })

  it('takes a SERVFAIL on the way up for a refusal, not for silence', async () => {
    const { caa: fact } = await factsOf('www.zone.example', [], { broken: ['zone.example CAA'] })
    expect(fact).toEqual({ outcome: 'unanswered', at: 'zone.example', reason: 'SERVFAIL' })
  })

  it('tells names that do not exist from those without address, and from those that cannot be looked up', async () => {
    const records = [text('x', 'text.zone.example'), alias(OWNER, 'www.acme.example')]
    expect(await factsOf('gone.zone.example', records)).toMatchObject({
      host: 'unknown',
      caa: { outcome: 'none' },
    })
    expect(await factsOf('text.zone.example', records)).toMatchObject({ host: 'no-address' })
    const failed = await factsOf('www.zone.example', records, {
      broken: ['www.zone.example A', 'www.zone.example AAAA'],
    })
    expect(failed).toMatchObject({
      host: 'failed',
      failure: 'SERVFAIL',
      challengeAlias: 'www.acme.example',
    })
  })
})
