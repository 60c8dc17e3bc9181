import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DnsServer } from '../../src/dns/exchange.ts'
import { createResolver } from '../../src/dns/resolver.ts'
import { createDnsResponder, type DnsResponder } from '../../src/dns/responder.ts'
import type { LookTarget } from '../../src/ports/challenge-look.ts'
import { dnsChallengeValue } from '../../src/validation/dns-look.ts'
import { createChallengeLook } from '../../src/validation/look.ts'
import { hasNamed, type Named, startNamed } from '../support/named.ts'
import { createNodeRandom } from '../support/node-random.ts'

const AUTHORIZATION = 'token-1.thumb'
const VALUE = dnsChallengeValue(AUTHORIZATION)
const MANY = Array.from({ length: 50 }, (_, index) => `_acme-challenge.many TXT "${'x'.repeat(40)}${index}"`)
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)
const never = new AbortController().signal

/** One failure at a time, as it comes from a real name server, and what our look makes of it. */
describe.skipIf(!hasNamed)('bad DNS, served by BIND (skipped when the program named is missing)', () => {
  let named: Named
  let port = 0
  const closers: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    named = await startNamed({
      keys: [],
      zones: {
        'good.example': {
          records: [
            `_acme-challenge TXT "${VALUE}"`,
            `_acme-challenge.split TXT "${VALUE.slice(0, 20)}" "${VALUE.slice(20)}"`,
            ...MANY,
            `_acme-challenge.many TXT "${VALUE}"`,
            '_acme-challenge.loop CNAME _acme-challenge.pool',
            '_acme-challenge.pool CNAME _acme-challenge.loop',
            ...Array.from(
              { length: 12 },
              (_, at) => `_acme-challenge.long${at} CNAME _acme-challenge.long${at + 1}`,
            ),
            '_acme-challenge.stray CNAME nowhere.good.example.',
            'one A 127.0.0.1',
            'two A 127.0.0.1',
            'two A 127.0.0.2',
            'six AAAA ::1',
            'both AAAA ::1',
            'both A 127.0.0.1',
            'text TXT "no address"',
          ],
        },
        // Two name servers, of which the second one, at 127.0.0.2, is none of this zone.
        'lame.example': {
          records: ['@ NS lame', 'lame A 127.0.0.2', `_acme-challenge TXT "${VALUE}"`],
        },
        // Nobody at the name server that the zone names.
        'gone.example': { address: '127.0.0.3', records: [`_acme-challenge TXT "${VALUE}"`] },
      },
    })
    port = named.port
  })
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  })
  afterAll(() => named?.close())

  const resolverAt = (server: DnsServer) =>
    createResolver({ servers: [server], timeoutMs: 900, random: createNodeRandom() })

  const look = (
    type: LookTarget['type'],
    identifier: string,
    { resolverPort = port, httpPort = 80 }: { resolverPort?: number; httpPort?: number } = {},
  ) =>
    createChallengeLook({
      resolver: resolverAt({ host: '127.0.0.1', port: resolverPort }),
      resolverAt,
      targets: 'loopback',
      httpPort,
      dnsPort: port,
      timeoutMs: 5_000,
    }).look({ type, identifier, token: 'token-1', keyAuthorization: AUTHORIZATION }, never)

  async function serve(host: string, at: number, body = AUTHORIZATION): Promise<number> {
    const server: Server = createServer((_, response) => response.end(body)).listen(at, host)
    await once(server, 'listening')
    closers.push(async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    })
    return (server.address() as AddressInfo).port
  }

  async function respond(host: string, at: number, lookup: () => Promise<null>): Promise<DnsResponder> {
    const responder = await createDnsResponder({
      listen: { hosts: [host], port: at },
      names: {
        httpChallenge: async () => null,
        textRecords: async () => [],
        isAboveEnrolled: async () => false,
        enrolledAmong: async () => new Set(),
      },
      zones: [{ lookup }],
      addresses: [],
      log: { warn: () => undefined },
    })
    closers.push(() => responder.close())
    return responder
  }

  it('no such name (NXDOMAIN) is an answer', async () => {
    const dns = await look('dns-01', 'missing.good.example')
    expect(dns).toMatchObject({ found: false, error: expect.stringContaining('has no TXT record: nxdomain') })
    const http = await look('http-01', 'missing.good.example')
    expect(http).toMatchObject({ found: false, error: expect.stringContaining('has no address: nxdomain') })
    expect([dns.isUnclear, http.isUnclear]).toEqual([undefined, undefined])
  })

  it('a name without such a record is an answer', async () => {
    expect((await look('http-01', 'text.good.example')).error).toContain('has no address: nodata')
  })

  it('a failing server (SERVFAIL) is none: a CA may see more', async () => {
    const { port: resolverPort } = await respond('127.0.0.1', 0, () => Promise.reject(new Error('broken')))
    for (const type of ['dns-01', 'http-01'] as const)
      expect(await look(type, 'good.example', { resolverPort })).toMatchObject({
        found: false,
        isUnclear: true,
        error: expect.stringContaining('SERVFAIL'),
      })
  })

  it('silence is none, and ends in its time', async () => {
    const silent: Socket = createSocket('udp4')
    silent.bind(0, '127.0.0.1')
    await once(silent, 'listening')
    closers.push(async () => silent.close())
    const resolverPort = silent.address().port
    for (const type of ['dns-01', 'http-01'] as const)
      expect(await look(type, 'good.example', { resolverPort })).toMatchObject({
        found: false,
        isUnclear: true,
        error: expect.stringContaining('timeout'),
      })
  })

  it('a lame delegation: the server that knows nothing of the zone does not count, and is kept', async () => {
    await respond('127.0.0.2', port, async () => null)
    const result = await look('dns-01', 'lame.example')
    expect(result).toMatchObject({ found: true })
    const asked = result.records.map(({ triedIp, usedIp }) => [triedIp, usedIp])
    expect(asked.toSorted()).toEqual([
      ['127.0.0.1', '127.0.0.1'],
      ['127.0.0.2', ''],
    ])
  })

  it('name servers that nobody reaches: what the resolver says counts', async () => {
    const result = await look('dns-01', 'gone.example')
    expect(result.found).toBe(true)
    expect(result.records.map(({ triedIp, usedIp }) => [triedIp, usedIp])).toEqual([['127.0.0.3', '']])
  })

  it.each([
    // This BIND refuses such chains itself; others hand them out.
    ['a loop', 'loop', /CNAME loop|SERVFAIL/],
    ['too long a chain', 'long0', /too many CNAME records|SERVFAIL/],
    ['a dead end', 'stray', /nxdomain/],
  ])('aliases that come to nothing are told: %s', async (_, label, told) => {
    expect(await look('dns-01', `${label}.good.example`)).toMatchObject({
      found: false,
      error: expect.stringMatching(told),
    })
  })

  it('a value in several character-strings is one value', async () => {
    expect((await look('dns-01', 'split.good.example')).found).toBe(true)
  })

  it('an answer too large for UDP comes over TCP', async () => {
    expect((await look('dns-01', 'many.good.example')).found).toBe(true)
  })

  it.skipIf(!hasIpv6)('a name with IPv6 alone is reached by IPv6', async () => {
    const httpPort = await serve('::1', 0)
    const result = await look('http-01', 'six.good.example', { httpPort })
    expect(result.found).toBe(true)
    expect(result.records[0]).toMatchObject({ resolvedIp: ['::1'], usedIp: '::1' })
  })

  it.skipIf(!hasIpv6)(
    'an IPv6 address that nobody answers at is forgiven, one that answers otherwise is not',
    async () => {
      const httpPort = await serve('127.0.0.1', 0)
      expect((await look('http-01', 'both.good.example', { httpPort })).found).toBe(true)
      await serve('::1', httpPort, 'something else')
      expect(await look('http-01', 'both.good.example', { httpPort })).toMatchObject({
        found: false,
        error: expect.stringContaining('1 of 2 addresses have the token; '),
      })
    },
  )

  it('one wrong address of two is enough to fail, and is named', async () => {
    const httpPort = await serve('127.0.0.1', 0)
    await serve('127.0.0.2', httpPort, 'something else')
    const { found, error } = await look('http-01', 'two.good.example', { httpPort })
    expect(found).toBe(false)
    expect(error).toMatch(
      /1 of 2 addresses have the token; .*127\.0\.0\.2 answered with another text: "something else"/,
    )
    expect((await look('http-01', 'one.good.example', { httpPort })).found).toBe(true)
  })
})
