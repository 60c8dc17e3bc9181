import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Resolver } from '../dns/resolver.ts'
import type { NameStanding } from '../domain/findings/request/request-facts.ts'
import { EDGE_HEADER, lookForEdges } from './http-look.ts'
import { createStandingLook } from './standing-look.ts'

const never = new AbortController().signal

const resolverOf = (addresses: readonly string[]): Resolver =>
  ({
    servers: [],
    query: async (name: string, type: string) =>
      type === 'A' ? { outcome: 'records', name, records: addresses } : { outcome: 'nodata', name },
  }) as unknown as Resolver

describe('whether the challenge path of a name leads to our edges', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  /** The same port at each address; says who it is where it is one of ours. */
  async function serve(edgeAt: Readonly<Record<string, boolean>>): Promise<number> {
    let port = 0
    for (const [host, isEdge] of Object.entries(edgeAt)) {
      const server = createServer((_, response) =>
        response.writeHead(404, isEdge ? { [EDGE_HEADER]: 'edge-1' } : {}).end(),
      )
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(port, host, resolve))
      port = (server.address() as AddressInfo).port
    }
    return port
  }

  const look = (httpPort: number, addresses: readonly string[]) =>
    lookForEdges(
      { resolver: resolverOf(addresses), targets: 'loopback', httpPort },
      'www.edges.example',
      'look-1',
      never,
    )

  it('is seen without a token, at every address', async () => {
    const port = await serve({ '127.0.0.1': true, '127.0.0.2': true })
    expect(await look(port, ['127.0.0.1', '127.0.0.2'])).toMatchObject({ found: true, error: null })
  })

  it('is not so where one of them is somebody else’s', async () => {
    const port = await serve({ '127.0.0.1': true, '127.0.0.2': false })
    const seen = await look(port, ['127.0.0.1', '127.0.0.2'])
    expect(seen.found).toBe(false)
    expect(seen.isUnclear).toBeUndefined()
    expect(seen.error).toMatch(
      /^1 of 2 addresses lead to our edges; .* at 127\.0\.0\.2 answered with status 404\.$/,
    )
  })

  it('is open where nobody answers, and where we may not connect', async () => {
    const port = await serve({ '127.0.0.1': true })
    expect(await look(port, ['127.0.0.3'])).toMatchObject({ found: false, isUnclear: true })
    expect(await look(port, ['192.0.2.1'])).toMatchObject({ found: false, isUnclear: true })
  })
})

describe('a look at names before their renewal', () => {
  const standing = (name: string, more: Partial<NameStanding> = {}): NameStanding => ({
    name,
    host: 'known',
    caa: null,
    delegated: false,
    ...more,
  })
  const lookAt = (
    standings: readonly NameStanding[],
    options: { edges?: boolean; aliases?: boolean; servers?: readonly string[] },
  ) => {
    const asked: string[] = []
    const look = createStandingLook({
      requestLook: async () => standings,
      lookForEdges:
        options.edges === false
          ? null
          : async (name) => {
              asked.push(name)
              return { found: name === 'www.a.example', error: 'no', records: [] }
            },
      hasAliases: options.aliases !== false,
      resolver: {
        query: async (name: string) =>
          ({ outcome: 'records', name, records: options.servers ?? [] }) as never,
      },
      zoneNameServers: ['ns1.ours.example'],
      timeoutMs: 1_000,
    })
    return look(
      standings.map(({ name }) => ({ name, zone: options.servers === undefined ? null : 'a.example' })),
      never,
    ).then((sights) => ({ sights, asked }))
  }

  it('asks the edges’ path of what can have one: no wildcard, and nothing that DNS does not know', async () => {
    const names = [standing('www.a.example'), standing('*.a.example', { delegated: true })]
    const gone = standing('gone.a.example', { host: 'unknown' })
    const { sights, asked } = await lookAt([...names, gone], {})
    expect(asked).toEqual(['www.a.example'])
    expect(sights.map(({ ways }) => ways)).toEqual([
      { edges: 'stands', dns: 'gone' },
      { dns: 'stands' },
      { edges: 'gone', dns: 'gone' },
    ])
  })

  it('says nothing of ways that there are not here, and leaves open what nobody answered', async () => {
    const names = [standing('www.a.example', { delegated: null })]
    expect((await lookAt(names, { aliases: false })).sights[0]?.ways).toEqual({ edges: 'stands' })
    expect((await lookAt(names, { edges: false })).sights[0]?.ways).toEqual({ dns: 'open' })
  })

  it('takes a zone that is kept with us for a way where its delegation names us', async () => {
    const names = [standing('www.a.example')]
    const ways = async (servers: readonly string[]) =>
      (await lookAt(names, { edges: false, aliases: false, servers })).sights[0]?.ways
    expect(await ways(['ns.other.example', 'ns1.ours.example'])).toEqual({ dns: 'stands' })
    expect(await ways(['ns.other.example'])).toEqual({ dns: 'gone' })
  })
})
