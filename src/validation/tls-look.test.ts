import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type EdgeFixture, startEdge } from '../../test/support/edge-fixture.ts'
import { createNodeRandom } from '../../test/support/node-random.ts'
import { instant } from '../domain/time.ts'
import type { Resolver } from '../dns/resolver.ts'
import { challengeCertificate } from '../pki/challenge-certificate.ts'
import { createChallengeEdges } from './edge-confirmation.ts'
import { createChallengeLook } from './look.ts'

const NAME = 'www.site.example'
const AUTHORIZATION = 'token-1.thumb'
const TARGET = {
  type: 'tls-alpn-01',
  identifier: NAME,
  token: 'token-1',
  keyAuthorization: AUTHORIZATION,
} as const
const never = new AbortController().signal

describe('tls-alpn-01 (RFC 8737), looked at as a CA does', () => {
  const edges: EdgeFixture[] = []
  afterEach(async () => {
    for (const edge of edges.splice(0)) await edge.network.close()
  })

  async function serve(keyAuthorization = AUTHORIZATION, host = '127.0.0.1', port = 0): Promise<number> {
    const edge = await startEdge({
      listen: { hosts: [host], port },
      challenges: async (name) =>
        name === NAME
          ? challengeCertificate({ name, keyAuthorization, at: instant(Date.now()) }, createNodeRandom())
          : null,
    })
    edges.push(edge)
    return edge.address.port
  }

  const look = (
    httpsPort: number,
    addresses = ['127.0.0.1'],
    targets: 'loopback' | 'public' = 'loopback',
  ) => {
    const query = async (name: string, type: string) =>
      type === 'A' && addresses.length > 0
        ? { outcome: 'records', name, records: addresses }
        : { outcome: 'nxdomain', name }
    const resolver = { servers: [], query } as unknown as Resolver
    const around = { resolver, resolverAt: () => resolver, httpPort: 80, timeoutMs: 4_000 }
    return createChallengeLook({ ...around, targets, httpsPort }).look(TARGET, never)
  }

  it('finds the certificate, and keeps what it asked', async () => {
    const port = await serve()
    expect(await look(port)).toMatchObject({
      found: true,
      error: null,
      records: [{ hostname: NAME, port: String(port), triedIp: '127.0.0.1', usedIp: '127.0.0.1' }],
    })
  })

  it('tells the certificate of another challenge, and an edge that knows none', async () => {
    expect(await look(await serve('token-2.thumb'))).toMatchObject({
      found: false,
      error: expect.stringContaining('its certificate is not the one for this challenge'),
    })
    const edge = await startEdge()
    edges.push(edge)
    const unknown = await look(edge.address.port)
    expect(unknown).toMatchObject({ found: false, error: expect.stringMatching(/unrecognized[ _]name/i) })
    expect(unknown.isUnclear).toBeUndefined()
  })

  it('wants it at every address, and names the one that lacks it', async () => {
    const port = await serve()
    await serve('token-2.thumb', '127.0.0.2', port)
    expect(await look(port, ['127.0.0.1', '127.0.0.2'])).toMatchObject({
      found: false,
      error: expect.stringMatching(/1 of 2 addresses have the token; .*127\.0\.0\.2, port/),
    })
  })

  it('tells silence, refusal and private addresses from an answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    expect(await look(port)).toMatchObject({
      isUnclear: true,
      error: expect.stringContaining('no answer in time'),
    })
    silent.close()
    expect(await look(1)).toMatchObject({ isUnclear: true, error: expect.stringContaining('ECONNREFUSED') })
    expect(await look(1, ['127.0.0.1'], 'public')).toMatchObject({
      error: expect.stringContaining('CERTRAIL_ALLOW_PRIVATE_TARGETS'),
    })
    expect((await look(1, [])).error).toContain('has no address: nxdomain')
  })

  it('is confirmed by each edge of the production network, and not by its HTTP port', async () => {
    const [good, bad] = [await serve(), await serve('token-2.thumb')]
    const asked: string[] = []
    const challengeEdges = createChallengeEdges({
      ports: async (kind) => {
        asked.push(kind)
        return [
          { id: 'one', addresses: [`127.0.0.1:${good}`] },
          { id: 'two', addresses: [`127.0.0.1:${bad}`] },
        ]
      },
      timeoutMs: 2_000,
    })
    expect(await challengeEdges.confirm(TARGET, never)).toEqual([
      { edge: 'one', address: `127.0.0.1:${good}`, error: null },
      { edge: 'two', address: `127.0.0.1:${bad}`, error: expect.stringContaining('not the one') },
    ])
    expect(asked).toEqual(['production'])
  })
})
