import type { AccountId, EnrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface DueRenewal {
  readonly enrollmentId: EnrollmentId
  readonly accountId: AccountId
}

/** Which enrollments are to be renewed, and when (lifecycle clock). One with an open change waits until that has ended. */
export interface Renewals {
  /** The longest due first, those of one moment by id. */
  due(at: Instant, limit: number): Promise<readonly DueRenewal[]>
  /** In the transaction that begins the renewal. False: it is not due any more, or another change was begun meanwhile; then nothing was written. */
  take(id: EnrollmentId, at: Instant): Promise<boolean>
  /** Not to begin before this moment. Nothing where no renewal is planned, since nothing is live. */
  postpone(id: EnrollmentId, to: Instant): Promise<void>
  /** Null `at`: none is planned, because one has begun or nothing is live. */
  planOf(id: EnrollmentId): Promise<{ readonly at: Instant | null; readonly keepKey: boolean }>
  /** Of the account, by id. */
  plannedOf(accountId: AccountId): Promise<readonly EnrollmentId[]>
  /** Another moment, also for who is shown it. Nothing where none is planned. */
  replan(id: EnrollmentId, at: Instant): Promise<void>
  /** Whether renewals take the key of what they renew. */
  keepKey(id: EnrollmentId, keepKey: boolean): Promise<void>
}
