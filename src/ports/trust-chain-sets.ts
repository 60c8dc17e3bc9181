import type { AccountId, EnrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'

/** Certificate authorities whose client certificates are taken (CPS API: clientMutualAuthentication.setId). */
export interface TrustChainSetRecord {
  readonly accountId: AccountId
  /** As `setId` has it; one account's ids are nothing to another. */
  readonly id: string
  readonly name: string
  /** Which revision each network enforces. */
  readonly active: Readonly<Record<Network, number>>
  readonly realCreatedAt: Instant
}

/** Written once. */
export interface TrustChainSetRevision {
  readonly accountId: AccountId
  readonly setId: string
  /** From 1. */
  readonly revision: number
  /** PEM, one certificate each, written anew by us. */
  readonly certificates: readonly string[]
  readonly createdBy: string
  readonly realCreatedAt: Instant
}

export interface TrustChainSets {
  /** With its first revision, which both networks enforce. False: the account has a set of this id. */
  insert(set: TrustChainSetRecord, first: TrustChainSetRevision): Promise<boolean>
  find(accountId: AccountId, id: string): Promise<TrustChainSetRecord | null>
  /** As `find`; until the transaction ends nobody else changes the set. */
  take(accountId: AccountId, id: string): Promise<TrustChainSetRecord | null>
  list(accountId: AccountId): Promise<readonly TrustChainSetRecord[]>
  /** Oldest first. */
  revisions(accountId: AccountId, id: string): Promise<readonly TrustChainSetRevision[]>
  addRevision(revision: TrustChainSetRevision): Promise<void>
  activate(accountId: AccountId, id: string, network: Network, revision: number): Promise<void>
  remove(accountId: AccountId, id: string): Promise<void>
  /** Enrollments that name the set: in their settings, in those of an open change, or in what is served. */
  referencesTo(accountId: AccountId, id: string): Promise<readonly EnrollmentId[]>
}
