import { once } from 'node:events'
import { isIPv6, type AddressInfo, type Server } from 'node:net'

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

export interface BindAddress extends BoundAddress {
  readonly ipv6Only: boolean
}

/** What has an address: one server, or several that share it. */
export interface Bound extends BoundAddress {
  /** Accepts nothing any more; open sockets are their owner's. */
  close(): Promise<void>
}

const FREE_PORT_ATTEMPTS = 20
const MISSING = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND'])

/**
 * Binds one after the other, in the order of `hosts`; what comes back is without those passed over. Rejects with Node's own error (`EADDRINUSE`, `EACCES`, …)
 * and then holds nothing.
 */
export async function bindOnAll<B extends Bound>(
  options: ListenOptions,
  bind: (at: BindAddress) => Promise<B>,
): Promise<{ readonly port: number; readonly bound: readonly B[] }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bindOnce(options, bind)
    } catch (error) {
      // The port that the first one was given may be taken on the next one.
      const isUnlucky = options.port === 0 && codeOf(error) === 'EADDRINUSE' && attempt < FREE_PORT_ATTEMPTS
      if (!isUnlucky) throw error
    }
  }
}

async function bindOnce<B extends Bound>(options: ListenOptions, bind: (at: BindAddress) => Promise<B>) {
  const bound: B[] = []
  const hosts = [...new Set(options.hosts)]
  // `::` would take the IPv4 side too and so collide with `0.0.0.0`; alone it may.
  const ipv6Only = hosts.some((host) => !isIPv6(host))
  let missing: unknown = new Error('no host to listen on')
  try {
    for (const host of hosts) {
      try {
        bound.push(await bind({ host, port: bound[0]?.port ?? options.port, ipv6Only }))
      } catch (error) {
        if (options.passOverMissing !== true || !MISSING.has(codeOf(error))) throw error
        missing = error
      }
    }
    const [first] = bound
    if (first === undefined) throw missing
    return { port: first.port, bound }
  } catch (error) {
    await Promise.all(bound.map((each) => each.close()))
    throw error
  }
}

/** One server on one address. */
export async function listenAt<S extends Server>(
  server: S,
  { host, port, ipv6Only }: BindAddress,
): Promise<Bound & { readonly server: S }> {
  const listening = once(server, 'listening')
  server.listen({ host, port, ipv6Only })
  await listening
  // Running out of file descriptors surfaces here; the listener itself goes on.
  server.on('error', () => {})
  return {
    host,
    port: (server.address() as AddressInfo).port,
    server,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
