import type { AccountId, EnrollmentId } from '../domain/identifiers.ts'
import type { ValidationType } from '../domain/enrollment/enrollment.ts'
import type { Turn } from '../domain/renewal/order-limit.ts'
import type { Validity } from '../domain/renewal/renewal-start.ts'
import type { RenewalWindow } from '../domain/renewal/renewal-window.ts'
import type { Instant } from '../domain/time.ts'

export interface DueRenewal {
  readonly id: EnrollmentId
  readonly accountId: AccountId
  readonly validationType: ValidationType
  readonly orgId: number | null
  /** Of what production serves, the first to expire. */
  readonly live: Validity
  /** Null: the CA names none. */
  readonly information: RenewalWindow | null
}

/** Where a renewal stands in its plan. */
export interface RenewalPlan {
  /** Null: none is planned, because one has begun or nothing is live. */
  readonly at: Instant | null
  readonly keepKey: boolean
  /** It was due at `since`, and `at` is its turn among the orders of this CA account. */
  readonly held: { readonly account: string; readonly since: Instant } | null
}

/** Which enrollments are to be renewed, and when (lifecycle clock). One with an open change waits until that has ended. */
export interface Renewals {
  /** The smallest remaining share of life first, those that are alike by id. */
  due(at: Instant, limit: number): Promise<readonly DueRenewal[]>
  /** When the next one is due. */
  nextAt(): Promise<Instant | null>
  /** Those that wait for their turn at this account, and can begin. */
  heldBy(account: string): Promise<readonly DueRenewal[]>
  /** Those of which their CA is to be asked, the longest due first; with how often in a row it could not be. */
  toAsk(at: Instant, limit: number): Promise<readonly (DueRenewal & { readonly failures: number })[]>
  informationOf(id: EnrollmentId): Promise<RenewalWindow | null>
  /** What the CA said of the certificate of this lifetime; it is asked again at `askAt`. False: another one is live by now. */
  keepInformation(
    of: Pick<DueRenewal, 'id' | 'live'>,
    information: RenewalWindow | null,
    askAt: Instant,
  ): Promise<boolean>
  /** It could not be asked. */
  askLater(id: EnrollmentId, askAt: Instant): Promise<void>
  /** How many wait, by account. */
  heldCounts(): Promise<readonly { readonly account: string; readonly count: number }[]>
  /** Each is due at its turn instead; also for who is shown it. Nothing where none is planned any more. */
  hold(account: string, turns: readonly Turn[]): Promise<void>
  /** Whatever waits for a turn is due when it was before: limits may have changed. */
  releaseHeld(): Promise<void>
  /** In the transaction that begins the renewal. False: it is not due any more, or another change was begun meanwhile; then nothing was written. */
  take(id: EnrollmentId, at: Instant): Promise<boolean>
  /** Not to begin before this moment. Nothing where no renewal is planned, since nothing is live. */
  postpone(id: EnrollmentId, to: Instant): Promise<void>
  planOf(id: EnrollmentId): Promise<RenewalPlan>
  /** Of the account, by id. */
  plannedOf(accountId: AccountId): Promise<readonly EnrollmentId[]>
  /** Another moment, also for who is shown it; whatever held it back does so anew. Nothing where none is planned. */
  replan(id: EnrollmentId, at: Instant): Promise<void>
  /** Whether renewals take the key of what they renew. */
  keepKey(id: EnrollmentId, keepKey: boolean): Promise<void>
}
