import type { AccountId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'
import type { Edge } from './edge.ts'

/** What an edge process says of itself. */
export interface EdgeStatus {
  readonly kind: 'builtin' | 'haproxy' | 'directory'
  /** Of what terminates TLS, as the running one says; null: it cannot be asked, or does not answer. */
  readonly version: string | null
  /** By version; empty where nothing is known. */
  readonly capabilities: readonly string[]
  /** Why the server beside the process cannot be led; null: it can, or there is none. */
  readonly fault: string | null
  /** Names that it answers, and SHA-256 over which deployment answers each (edge/serving-digest.ts). */
  readonly names: number
  readonly digest: string
}

export interface EdgeReport {
  readonly id: string
  readonly network: Network
  readonly addresses: readonly string[]
  /** Null: it has said nothing yet. */
  readonly status: EdgeStatus | null
  /** Real clock. */
  readonly heardAt: Instant
  readonly isHeard: boolean
}

/** What a network is wished to answer, in the measure of `EdgeStatus`. */
export interface NetworkWish {
  readonly names: number
  readonly digest: string
}

/** A listener where clients that say no name get what answers `name`. */
export interface EdgeSlot {
  readonly name: string
  /** `host:port`, IPv6 in brackets. */
  readonly address: string
}

/** Which edges make up a network now. An edge that was seen before and is silent stays listed until it is taken out: its probe fails, and says so. */
export interface EdgeDirectory {
  edgesOf(network: Network): Promise<readonly Edge[]>
  /** The edges of this process take clients by what the set says now; those of others follow. A set that is gone is enforced by nobody. */
  trustChanged(accountId: AccountId, setId: string): Promise<void>
  /** Where clients that say no name get what answers `name` (`sniOnly: false`). */
  slotsOf(network: Network): Promise<readonly EdgeSlot[]>
  /** Every process that ever said it serves a network and did not take its leave, the silent ones too. */
  reports(): Promise<readonly EdgeReport[]>
  wishOf(network: Network): Promise<NetworkWish>
  /** Where they listen, as `host:port`, IPv6 as `[::1]:8443`; for people who want to look. */
  addressesOf(network: Network): Promise<readonly string[]>
}
