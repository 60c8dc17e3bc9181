import type { ChangeId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'

export interface HandshakeRecord {
  readonly changeId: ChangeId
  readonly network: Network
  readonly address: string
  readonly serverName: string
  readonly serialNumber: string
  readonly fingerprint: string
  readonly protocol: string
  readonly realAt: Instant
}

export interface Handshakes {
  insert(records: readonly HandshakeRecord[]): Promise<void>
  /** The newest at each of these addresses that has one. */
  newestAt(addresses: readonly string[]): Promise<readonly HandshakeRecord[]>
  ofChange(changeId: ChangeId): Promise<readonly HandshakeRecord[]>
}
