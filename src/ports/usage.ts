import type { AccountId, ChangeId, ContractId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

/** What quotas are held against. */
export interface Usage {
  /** Until the transaction ends whoever else holds this account waits: what is counted stays true until it is added to. */
  hold(accountId: AccountId): Promise<void>
  enrollments(accountId: AccountId): Promise<number>
  openChanges(accountId: AccountId): Promise<number>
  uploads(changeId: ChangeId): Promise<number>
  zones(accountId: AccountId): Promise<number>
  trustChainSets(accountId: AccountId): Promise<number>
  /** Notes a new enrollment of the contract at `at` (real clock), unless one was noted after `since`: then when that was. */
  noteEnrollment(contractId: ContractId, at: Instant, since: Instant): Promise<Instant | null>
}
