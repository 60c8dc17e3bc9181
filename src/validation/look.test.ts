import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { makeApiCertificate } from '../../test/support/self-signed-api.ts'
import type { Resolver } from '../dns/resolver.ts'
import { dnsChallengeValue } from './dns-look.ts'
import { createChallengeLook } from './look.ts'

const TARGET = {
  type: 'http-01',
  identifier: 'www.look.example',
  token: 'token-1',
  keyAuthorization: 'token-1.thumb',
} as const
const never = new AbortController().signal

/** Names at addresses and texts, without a network: the resolver has tests of its own. */
function resolverOf(addresses: readonly string[], texts: readonly string[] = []): Resolver {
  const answers: Record<string, readonly string[]> = {
    A: addresses.filter((address) => !address.includes(':')),
    AAAA: addresses.filter((address) => address.includes(':')),
    TXT: texts,
  }
  const query = async (name: string, type: string) => {
    const records = answers[type] ?? []
    return records.length > 0 ? { outcome: 'records', name, records } : { outcome: 'nxdomain', name }
  }
  return { servers: [], query } as unknown as Resolver
}

describe('looks at challenges', () => {
  const servers: Server[] = []

  async function serve(
    answer: (path: string, port: number) => { status: number; body?: string; location?: string },
  ) {
    const server = createServer((request, response) => {
      const {
        status,
        body = '',
        location,
      } = answer(request.url ?? '', (server.address() as AddressInfo).port)
      response.writeHead(status, location === undefined ? {} : { location }).end(body)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  afterEach(() => {
    for (const server of servers.splice(0)) server.closeAllConnections()
  })

  const lookAt = (
    httpPort: number,
    addresses: readonly string[] = ['127.0.0.1'],
    targets: 'public' | 'loopback' = 'loopback',
    httpsPort?: number,
  ) => {
    const resolver = resolverOf(addresses)
    return createChallengeLook({
      resolver,
      resolverAt: () => resolver,
      targets,
      httpPort,
      ...(httpsPort === undefined ? {} : { httpsPort }),
      timeoutMs: 5_000,
    }).look(TARGET, never)
  }

  it('finds the key authorization, with white space behind it (RFC 8555 section 8.3)', async () => {
    const port = await serve((path) => ({
      status: 200,
      body: path.endsWith('/token-1') ? 'token-1.thumb\r\n' : 'no',
    }))
    const result = await lookAt(port)
    expect(result).toMatchObject({ found: true, error: null })
    expect(result.records).toMatchObject([
      { hostname: 'www.look.example', port: String(port), usedIp: '127.0.0.1' },
    ])
  })

  it('says what was there instead', async () => {
    const port = await serve(() => ({ status: 200, body: 'something else' }))
    expect((await lookAt(port)).error).toContain('something else')
    const missing = await serve(() => ({ status: 404 }))
    expect((await lookAt(missing)).error).toContain('status 404')
  })

  it('tries the next address when one cannot be reached, and keeps both in the record', async () => {
    const port = await serve(() => ({ status: 200, body: 'token-1.thumb' }))
    const result = await lookAt(port, ['::1', '127.0.0.1'])
    expect(result.found).toBe(true)
    expect(result.records.map(({ triedIp, usedIp }) => [triedIp, usedIp])).toEqual([
      ['::1', ''],
      ['127.0.0.1', '127.0.0.1'],
    ])
  })

  it('wants the token at every address of a name, and names the one that lacks it', async () => {
    const good = await serve(() => ({ status: 200, body: 'token-1.thumb' }))
    const other = createServer((_, response) => response.writeHead(404).end())
    servers.push(other)
    await new Promise<void>((resolve) => other.listen(good, '127.0.0.2', resolve))
    const result = await lookAt(good, ['127.0.0.1', '127.0.0.2'])
    expect(result.found).toBe(false)
    expect(result.error).toMatch(/1 of 2 addresses have the token.*127\.0\.0\.2 answered with status 404/)
    expect(result.records.map(({ usedIp }) => usedIp).toSorted()).toEqual(['127.0.0.1', '127.0.0.2'])
  })

  it('does not forgive an IPv4 address that cannot be reached: a CA has none to fall back on', async () => {
    const port = await serve(() => ({ status: 200, body: 'token-1.thumb' }))
    expect(await lookAt(port, ['127.0.0.1', '127.0.0.3'])).toMatchObject({ found: false, isUnclear: true })
  })

  it('follows to https without judging the certificate, on the port of https alone', async () => {
    const secure = createSecureServer(await makeApiCertificate(), (_, response) =>
      response.end('token-1.thumb'),
    )
    servers.push(secure)
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    const httpsPort = (secure.address() as AddressInfo).port
    const port = await serve(() => ({ status: 301, location: 'https://www.look.example/proof' }))
    expect((await lookAt(port, ['127.0.0.1'], 'loopback', httpsPort)).found).toBe(true)
    expect((await lookAt(port)).found).toBe(false)
  })

  it('connects to no private address where only public ones are allowed', async () => {
    const port = await serve(() => ({ status: 200, body: 'token-1.thumb' }))
    const result = await lookAt(port, ['127.0.0.1'], 'public')
    expect(result.found).toBe(false)
    expect(result.error).toContain('CERTRAIL_ALLOW_PRIVATE_TARGETS')
  })

  it('follows redirects on the allowed ports and gives up on a loop', async () => {
    const good = await serve((path, port) =>
      path === '/moved'
        ? { status: 200, body: 'token-1.thumb' }
        : { status: 302, location: `http://www.look.example:${port}/moved` },
    )
    expect((await lookAt(good)).found).toBe(true)
    const loop = await serve((path) => ({ status: 301, location: path }))
    expect((await lookAt(loop)).error).toContain('more than 10 times')
  })

  it.each(['http://www.look.example:22/', 'ftp://www.look.example/', 'http://user:secret@www.look.example/'])(
    'does not follow a redirect to %s',
    async (location) => {
      const port = await serve(() => ({ status: 302, location }))
      const { found, error } = await lookAt(port)
      expect(found).toBe(false)
      expect(error).not.toContain('secret')
    },
  )

  it('refuses a redirect to a private address that is not loopback', async () => {
    const port = await serve((_, own) => ({ status: 302, location: `http://10.0.0.1:${own}/` }))
    expect((await lookAt(port)).error).toContain('10.0.0.1')
  })

  it('reads no more than its limit', async () => {
    const port = await serve(() => ({ status: 200, body: 'x'.repeat(1_000_000) }))
    const { error } = await lookAt(port)
    expect(error?.length).toBeLessThan(400)
  })

  it('finds one of several TXT values and says which others there are (RFC 8555 section 8.4)', async () => {
    const target = { ...TARGET, type: 'dns-01', identifier: '*.look.example' } as const
    const look = (texts: readonly string[]) =>
      createChallengeLook({
        resolver: resolverOf([], texts),
        resolverAt: () => resolverOf([], texts),
        targets: 'loopback',
        httpPort: 80,
        timeoutMs: 5_000,
      }).look(target, never)
    expect((await look(['other', dnsChallengeValue(target.keyAuthorization)])).found).toBe(true)
    expect((await look(['other'])).error).toContain('"other"')
    expect((await look([])).error).toContain('nxdomain')
  })

  it('says that a name has no address', async () => {
    const result = await lookAt(80, [])
    expect(result.error).toContain('has no address: nxdomain')
    expect(result.isUnclear).toBeUndefined()
  })
})
