import type { Server } from 'node:net'

export interface Listening {
  readonly hosts: readonly string[]
  /** 0: any free one, the same on every host. */
  readonly port: number
  /** A host that this machine lacks (no IPv6, say) is no error, as long as one is left. */
  readonly passOverAbsent?: boolean
}

const ABSENT = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND']
const ATTEMPTS_AT_FREE_PORTS = 10

/** Starts one server per host, all on one port. Fails whole: what had begun is closed again. */
export async function listenOnAll<S extends Server>(
  create: () => S,
  listening: Listening,
): Promise<{ port: number; servers: S[] }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnce(create, listening)
    } catch (error) {
      // With port 0 the first host chooses, and the choice may be taken on the next one.
      const unlucky = codeOf(error) === 'EADDRINUSE' && listening.port === 0 && listening.hosts.length > 1
      if (!unlucky || attempt === ATTEMPTS_AT_FREE_PORTS) throw error
    }
  }
}

async function listenOnce<S extends Server>(
  create: () => S,
  listening: Listening,
): Promise<{ port: number; servers: S[] }> {
  const servers: S[] = []
  let { port } = listening
  try {
    for (const host of listening.hosts) {
      const server = create()
      try {
        port = await listen(server, host, port)
        servers.push(server)
      } catch (error) {
        if (listening.passOverAbsent !== true || !ABSENT.includes(codeOf(error))) throw error
      }
    }
    if (servers.length === 0)
      throw new Error(`none of the addresses ${listening.hosts.join(', ')} exists on this machine`)
    return { port, servers }
  } catch (error) {
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
    throw error
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, ipv6Only: host.includes(':') }, () => {
      server.removeListener('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no address after listening'))
      else resolve(address.port)
    })
  })
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
