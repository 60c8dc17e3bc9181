import type { AccountId, ChangeId, EnrollmentId } from '../domain/identifiers.ts'
import type { ToldConflict } from '../domain/plan/told-conflicts.ts'
import type { Instant } from '../domain/time.ts'

/** The open change as a look found it. */
export interface SeenChange {
  readonly id: ChangeId
  readonly revision: number
}

/**
 * When the plan of an enrollment is to be looked at for conflicts, and which of them people were told. Whatever alters what a plan follows from (windows, pauses, turns,
 * the CA's word, what is live) asks for a look at once by itself.
 */
export interface PlanLooks {
  /** Those whose time has come, whose open change has come to rest elsewhere, or has ended; by id. None of which nothing is live. */
  due(
    at: Instant,
    limit: number,
  ): Promise<readonly { readonly id: EnrollmentId; readonly accountId: AccountId }[]>
  /** For the rest of the transaction; false: another one has it, or nothing of it is live any more. */
  take(id: EnrollmentId): Promise<boolean>
  /** Null `nextAt`: not by time. */
  looked(id: EnrollmentId, seen: SeenChange | null, nextAt: Instant | null): Promise<void>
  /** By code, then change. */
  told(id: EnrollmentId): Promise<readonly ToldConflict[]>
  /** These and no others. */
  keepTold(id: EnrollmentId, told: readonly ToldConflict[]): Promise<void>
}
