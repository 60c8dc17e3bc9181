import { isIPv6 } from 'node:net'
import type { DnsServer } from '../dns/exchange.ts'
import type { DnsResult, Resolver } from '../dns/resolver.ts'
import { type AllowedTargets, isAllowed } from '../outbound/addresses.ts'

export interface AuthoritativeOptions {
  /** The ordinary resolver, by which name servers are found. */
  readonly resolver: Resolver
  /** Asks this server and no other. */
  readonly resolverAt: (server: DnsServer) => Resolver
  readonly targets: AllowedTargets
  /** 53, unless a test says otherwise. */
  readonly port: number
}

/** What one address of one authoritative server said of a name's TXT records. */
export interface ServerAnswer {
  readonly server: string
  readonly address: string
  readonly result: DnsResult<'TXT'>
}

/** Servers times addresses; more of them do not make a zone's state clearer. */
const SERVERS_LIMIT = 13
const ADDRESSES_LIMIT = 16

/**
 * TXT of `name` (no alias; where aliases end) at every authoritative server of its zone, each address by itself: a CA asks any of them, and a value that has
 * reached only some is one that half of its looks do not see. Empty when no server of the zone can be found or may be asked.
 */
export async function askAllAuthorities(
  options: AuthoritativeOptions,
  name: string,
  signal: AbortSignal,
): Promise<readonly ServerAnswer[]> {
  const servers = await nameServersOf(options.resolver, name, signal)
  const addresses = await Promise.all(
    servers.slice(0, SERVERS_LIMIT).map(async (server) => {
      const found = await Promise.all([
        options.resolver.query(server, 'AAAA', signal),
        options.resolver.query(server, 'A', signal),
      ])
      return found.flatMap((result) =>
        result.outcome === 'records' ? result.records.map((address) => ({ server, address })) : [],
      )
    }),
  )
  const asked = addresses
    .flat()
    .filter(({ address }) => isAllowed(address, options.targets))
    .slice(0, ADDRESSES_LIMIT)
  return Promise.all(
    asked.map(async ({ server, address }) => {
      const at = options.resolverAt({ host: address, port: options.port })
      return { server, address, result: await at.query(name, 'TXT', signal) }
    }),
  )
}

/** The nearest zone at or above the name that tells its servers. */
async function nameServersOf(
  resolver: Resolver,
  name: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const labels = name.split('.')
  for (let from = 0; from < labels.length - 1; from += 1) {
    const result = await resolver.query(labels.slice(from).join('.'), 'NS', signal)
    if (result.outcome === 'records') return result.records
    if (result.outcome === 'servfail' || result.outcome === 'timeout') return []
  }
  return []
}

export const shownServer = ({ server, address }: ServerAnswer): string =>
  `${server} (${isIPv6(address) ? `[${address}]` : address})`
