import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createNodeRandom } from '../../test/support/node-random.ts'
import { createDnsResponder, type DnsResponder, type DnsResponderOptions } from '../dns/responder.ts'
import type { RecordSource } from '../dns/record-source.ts'
import type { DnsServer } from '../dns/exchange.ts'
import { createResolver } from '../dns/resolver.ts'
import { createPlainHttp, type PlainHttp } from '../http/plain.ts'
import type { LookTarget } from '../ports/challenge-look.ts'
import type { PublishedNames } from '../ports/published-names.ts'
import { dnsChallengeValue } from './dns-look.ts'
import { createChallengeLook } from './look.ts'

/** Looks as the sandbox makes them: real queries to the real responder, real requests to the real plain port. */
const ENROLLED = ['www.one.example', 'two.example', '*.two.example']
const AUTHORIZATIONS = { apex: 'token-apex.thumb', wildcard: 'token-wild.thumb' }
const signal = new AbortController().signal
const log = { warn: () => undefined } as unknown as DnsResponderOptions['log']

const names: PublishedNames = {
  httpChallenge: async (host, token) =>
    host === 'www.one.example' && token === 'token-1' ? 'token-1.thumb' : null,
  textRecords: async (owner) =>
    owner === '_acme-challenge.two.example' ? Object.values(AUTHORIZATIONS).map(dnsChallengeValue) : [],
  isAboveEnrolled: async () => false,
  enrolledAmong: async (asked) =>
    new Set(asked.filter((it) => ENROLLED.includes(it) || ENROLLED.includes(it.replace(/^[^.]+/, '*')))),
}

const zone = {
  apex: 'kept.example',
  nameServer: 'ns.kept.example',
  mailbox: 'root.kept.example',
  serial: 1,
  ttlSeconds: 5,
}
/** A zone of the user's own: an alias to where the challenge is published, a private address, a fault. */
const kept: RecordSource = {
  lookup: async (name, type) => {
    if (name === 'broken.kept.example') throw new Error('out of order')
    if (name === '_acme-challenge.kept.example') {
      const data = '_acme-challenge.two.example'
      return { outcome: 'records', zone, records: [{ name, type: 'CNAME', ttl: 5, data }] }
    }
    if (name === 'private.kept.example' && type === 'A') {
      return { outcome: 'records', zone, records: [{ name, type, ttl: 5, data: '10.0.0.1' }] }
    }
    return name.endsWith('kept.example') ? { outcome: 'no-such-name', zone } : null
  },
}

let responder: DnsResponder
let plain: PlainHttp
const others: Server[] = []

beforeEach(async () => {
  const listen = { hosts: ['127.0.0.1'], port: 0 }
  responder = await createDnsResponder({ listen, names, zones: [kept], addresses: ['127.0.0.1'], log })
  plain = await createPlainHttp({
    listen,
    names,
    authorityFiles: async () => null,
    productionPort: () => 9443,
    log: { warn: () => undefined },
  })
})
afterEach(async () => {
  for (const other of others.splice(0)) {
    other.closeAllConnections()
    other.close()
  }
  await Promise.all([responder.close(), plain.close()])
})

function look(target: Partial<LookTarget>, httpPort = plain.port, timeoutMs = 5_000) {
  const resolverAt = (server: DnsServer) =>
    createResolver({ servers: [server], timeoutMs: 2_000, random: createNodeRandom() })
  const resolver = resolverAt({ host: '127.0.0.1', port: responder.port })
  const whole = {
    type: 'http-01',
    identifier: 'www.one.example',
    token: 'token-1',
    keyAuthorization: 'token-1.thumb',
    ...target,
  } as const
  return createChallengeLook({ resolver, resolverAt, targets: 'loopback', httpPort, timeoutMs }).look(
    whole,
    signal,
  )
}

async function serveElsewhere(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  others.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('http-01 over our own ports (RFC 8555 section 8.3)', () => {
  it('finds the key authorization and records what was asked', async () => {
    const { found, error, records } = await look({})
    expect([found, error]).toEqual([true, null])
    expect(records).toMatchObject([
      {
        hostname: 'www.one.example',
        port: String(plain.port),
        resolvedIp: ['127.0.0.1'],
        triedIp: '127.0.0.1',
        usedIp: '127.0.0.1',
      },
    ])
  })

  it('does not find a token that is not published', async () => {
    const { found, error } = await look({ token: 'token-2' })
    expect(found).toBe(false)
    expect(error).toMatch(/www\.one\.example.*127\.0\.0\.1.*404/)
  })

  it('does not take another key authorization for its own', async () => {
    const { found, error } = await look({ keyAuthorization: 'token-1.another' })
    expect(found).toBe(false)
    expect(error).toContain('token-1.thumb')
  })

  it.each([
    ['a name that does not exist', 'nothing.two.other', 'nothing.two.other'],
    ['a name whose server fails', 'broken.kept.example', 'SERVFAIL'],
    ['a name with a private address', 'private.kept.example', '10.0.0.1'],
  ])('tells of %s', async (_, identifier, told) => {
    const { found, error } = await look({ identifier })
    expect(found).toBe(false)
    expect(error).toContain(told)
  })

  it('does not follow a redirect to a private address', async () => {
    const port = await serveElsewhere((_, response) =>
      response.writeHead(302, { location: 'http://private.kept.example/' }).end(),
    )
    const { found, error } = await look({}, port)
    expect(found).toBe(false)
    expect(error).toContain('10.0.0.1')
  })

  it('ends a redirect loop', async () => {
    const port = await serveElsewhere((request, response) =>
      response.writeHead(307, { location: request.url ?? '/' }).end(),
    )
    expect((await look({}, port)).found).toBe(false)
  })

  it('does not read a body without end', async () => {
    const port = await serveElsewhere((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      }
      response.on('drain', more)
      more()
    })
    expect((await look({}, port, 60_000)).found).toBe(false)
  })

  it('ends in its time when the body does not come', async () => {
    const port = await serveElsewhere((_, response) => void response.write('token-'))
    const { found, error } = await look({}, port, 150)
    expect(found).toBe(false)
    expect(error).not.toBeNull()
  })
})

describe('dns-01 over our own responder (RFC 8555 section 8.4)', () => {
  const apex = { type: 'dns-01', identifier: 'two.example', keyAuthorization: AUTHORIZATIONS.apex } as const
  const wildcard = {
    type: 'dns-01',
    identifier: '*.two.example',
    keyAuthorization: AUTHORIZATIONS.wildcard,
  } as const

  it('finds apex and wildcard at one name at the same time', async () => {
    expect(await Promise.all([look(apex), look(wildcard)])).toMatchObject([{ found: true }, { found: true }])
  })

  it('follows an alias to where the challenge is published', async () => {
    expect(await look({ ...apex, identifier: 'kept.example' })).toMatchObject({ found: true, error: null })
  })

  it('tells which values are there instead', async () => {
    const { found, error } = await look({ ...apex, keyAuthorization: 'token-other.thumb' })
    expect(found).toBe(false)
    expect(error).toContain('_acme-challenge.two.example')
    expect(error).toContain(dnsChallengeValue(AUTHORIZATIONS.apex))
  })

  it('tells of a name without a challenge', async () => {
    const { found, error } = await look({ ...apex, identifier: 'www.one.example' })
    expect(found).toBe(false)
    expect(error).toContain('nxdomain')
  })
})

describe('the value of a dns-01 challenge', () => {
  it('is base64url of SHA-256 without padding', () => {
    expect(dnsChallengeValue('token.thumb')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    // printf abc | openssl dgst -sha256 -binary | base64, in its URL form
    expect(dnsChallengeValue('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  })
})
