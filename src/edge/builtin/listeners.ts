import { once } from 'node:events'
import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net'

export interface ListenOptions {
  /** Addresses or host names to bind, all on one port. */
  readonly hosts: readonly string[]
  /** 0: any port that is free on every one of the hosts. */
  readonly port: number
  /** Pass over an address which this machine does not have (`::1` without IPv6, say) as long as one remains. */
  readonly passOverMissing?: boolean
}

export interface BoundAddress {
  readonly host: string
  readonly port: number
}

export interface Listeners {
  /** In the order of `hosts`, without those passed over. */
  readonly addresses: readonly BoundAddress[]
  /** Accepts nothing any more; open sockets are their owner's. Idempotent. */
  close(): Promise<void>
}

const FREE_PORT_ATTEMPTS = 20
const MISSING = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** Rejects with Node's own error (`EADDRINUSE`, `EACCES`, …) and then holds nothing. */
export async function listenOnAll(
  options: ListenOptions,
  accept: (socket: Socket) => void,
): Promise<Listeners> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bindAll(options, accept)
    } catch (error) {
      // The port that the first host was given may be taken on the second.
      const isUnlucky = options.port === 0 && codeOf(error) === 'EADDRINUSE' && attempt < FREE_PORT_ATTEMPTS
      if (!isUnlucky) throw error
    }
  }
}

async function bindAll(options: ListenOptions, accept: (socket: Socket) => void): Promise<Listeners> {
  const servers: Server[] = []
  const addresses: BoundAddress[] = []
  const hosts = [...new Set(options.hosts)]
  // `::` would take the IPv4 side too and so collide with `0.0.0.0`; alone it may.
  const ipv6Only = hosts.some((host) => !isIPv6(host))
  let missing = new Error('no host to listen on')
  try {
    for (const host of hosts) {
      const port = addresses[0]?.port ?? options.port
      try {
        const server = createServer({ noDelay: true }, accept)
        server.listen({ host, port, ipv6Only })
        await once(server, 'listening')
        servers.push(server)
        addresses.push({ host, port: (server.address() as AddressInfo).port })
      } catch (error) {
        const isMissing = error instanceof Error && MISSING.has(codeOf(error))
        if (options.passOverMissing !== true || !isMissing) throw error
        missing = error
      }
    }
    if (servers.length === 0) throw missing
  } catch (error) {
    await closeAll(servers)
    throw error
  }
  // Running out of file descriptors surfaces here; the listener itself goes on.
  for (const server of servers) server.on('error', () => {})
  return { addresses, close: () => closeAll(servers) }
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
