import type { BoundAddress } from '../inbound/listen.ts'
import type { ServiceSettings } from './settings.ts'

export type Advertises = Pick<ServiceSettings, 'hosts' | 'advertisedHosts'>

/** Addresses to listen on, which nobody can connect to from elsewhere; this host can at its loopback. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/**
 * IP addresses under which others find what listens on `hosts`. A guess at the host's own addresses would be wrong quietly: one of a private bridge leads
 * on another host to that host itself. So every address is loopback until somebody says more.
 */
export const advertisedHosts = ({ hosts, advertisedHosts: said }: Advertises): readonly string[] =>
  said ?? [...new Set(hosts.map((host) => EVERY_ADDRESS[host] ?? host))]

/** The same for what was really bound: hosts that were passed over are not advertised. */
export function advertisedAddresses(
  { advertisedHosts: said }: Pick<Advertises, 'advertisedHosts'>,
  bound: readonly BoundAddress[],
): readonly BoundAddress[] {
  const [first] = bound
  if (said !== null && first !== undefined) return said.map((host) => ({ host, port: first.port }))
  return bound.map(({ host, port }) => ({ host: EVERY_ADDRESS[host] ?? host, port }))
}

/** A listener kept for one name has a host of its own, which stays what it is unless it is every address. */
export const advertisedSlot = (
  { advertisedHosts: said }: Pick<Advertises, 'advertisedHosts'>,
  { host, port }: BoundAddress,
): readonly BoundAddress[] => {
  const loopback = EVERY_ADDRESS[host]
  const found = loopback === undefined ? [host] : (said ?? [loopback])
  return found.map((each) => ({ host: each, port }))
}
