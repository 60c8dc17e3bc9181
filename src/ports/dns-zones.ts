import type { AccountId, ContractId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { RecordSet } from '../domain/zones/record-set.ts'

/** A zone that an account keeps with us. Names are canonical. */
export interface ZoneRecord {
  readonly name: string
  readonly accountId: AccountId
  readonly contractId: ContractId
  readonly comment: string
  readonly endCustomerId: string
  /** Kept and shown: nothing is signed. */
  readonly signAndServe: boolean
  readonly signAndServeAlgorithm: string | null
  /** Of the SOA; goes up with every change. */
  readonly serial: number
  /** Another one after every change. */
  readonly versionId: string
  readonly realModifiedAt: Instant
  readonly modifiedBy: string
}

export interface ZoneDeletion {
  readonly id: string
  readonly accountId: AccountId
  readonly deleted: readonly string[]
  readonly failed: readonly { readonly zone: string; readonly reason: string }[]
  readonly realAt: Instant
}

/** What stands in the way of a zone: a zone of this name, or something of another account above, below or at it. */
export type ZoneObstacle = 'zone' | 'another-account'

/** The zones of all accounts; every read and write names the account it is for. */
export interface DnsZones {
  /** What stands in the way; null: the name is free. Until the transaction ends nobody else can make a zone or claim names for an enrollment. */
  claim(accountId: AccountId, name: string): Promise<ZoneObstacle | null>
  /** After `claim`, in the same transaction. */
  insert(zone: ZoneRecord, sets: readonly RecordSet[]): Promise<void>
  find(accountId: AccountId, name: string): Promise<ZoneRecord | null>
  /** As `find`; until the transaction ends nobody else changes the zone or its records. */
  take(accountId: AccountId, name: string): Promise<ZoneRecord | null>
  list(accountId: AccountId): Promise<readonly ZoneRecord[]>
  save(zone: ZoneRecord): Promise<void>
  /** With its records. */
  remove(accountId: AccountId, name: string): Promise<void>
  /** By name and type. */
  recordSets(zone: string): Promise<readonly RecordSet[]>
  /** All types of one name. */
  recordSetsAt(zone: string, name: string): Promise<readonly RecordSet[]>
  /** In place of what stands at their names and types. */
  putRecordSets(zone: string, sets: readonly RecordSet[]): Promise<void>
  removeRecordSets(zone: string, sets: readonly Pick<RecordSet, 'name' | 'type'>[]): Promise<void>
  insertDeletion(deletion: ZoneDeletion): Promise<void>
  findDeletion(accountId: AccountId, id: string): Promise<ZoneDeletion | null>
}
