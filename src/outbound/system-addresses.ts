import { lookup } from 'node:dns/promises'

/** As any program of this machine would find a host (its hosts file included), IPv6 first; empty when it is unknown. */
export async function systemAddresses(hostname: string): Promise<readonly string[]> {
  try {
    const found = await lookup(hostname, { all: true, order: 'ipv6first' })
    return found.map(({ address }) => address)
  } catch {
    return []
  }
}
