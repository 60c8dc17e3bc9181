import type { AccountId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Edge } from './edge.ts'

/** Which edges make up a network now. An edge that was seen before and is silent stays listed until it is taken out: its probe fails, and says so. */
export interface EdgeDirectory {
  edgesOf(network: Network): Promise<readonly Edge[]>
  /** The edges of this process take clients by what the set says now; those of others follow. A set that is gone is enforced by nobody. */
  trustChanged(accountId: AccountId, setId: string): Promise<void>
  /** Where clients that say no name get what answers `name` (`sniOnly: false`). */
  slotsOf(network: Network): Promise<readonly { readonly name: string; readonly address: string }[]>
  /** Where they listen, as `host:port`, IPv6 as `[::1]:8443`; for people who want to look. */
  addressesOf(network: Network): Promise<readonly string[]>
}
