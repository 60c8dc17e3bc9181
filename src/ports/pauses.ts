import type { AccountId, EnrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'

/** Null account: the whole installation; null enrollment: all of the account; null network: both. */
export interface PauseScope {
  readonly accountId: AccountId | null
  readonly enrollmentId: EnrollmentId | null
  readonly network: Network | null
}

export interface PauseRecord extends PauseScope {
  /** May be empty. */
  readonly reason: string
  readonly pausedBy: string
  readonly pausedAt: Instant
}

/** Until somebody resumes, nothing new reaches what a pause covers. */
export interface Pauses {
  /** Of one scope the last reason stays, and who paused it first and when. */
  put(record: PauseRecord): Promise<void>
  /** Nothing where there is none. */
  remove(scope: PauseScope): Promise<void>
  /** Those that keep this enrollment from this network, the widest first. */
  covering(
    accountId: AccountId,
    enrollmentId: EnrollmentId,
    network: Network,
  ): Promise<readonly PauseRecord[]>
  /** The account's own and those of the installation, the widest first. */
  concerning(accountId: AccountId): Promise<readonly PauseRecord[]>
}
