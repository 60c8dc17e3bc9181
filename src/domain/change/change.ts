import type { EnrollmentSettings } from '../enrollment/enrollment.ts'
import type { AccountId, ChangeId, EnrollmentId } from '../identifiers.ts'
import type { Instant } from '../time.ts'
import type { ChangeEffect } from './effects.ts'
import type { ChangeAction, ChangeState } from './vocabulary.ts'

/** Why a change is in state `error`. CPS API: Change, `statusInfo.error`. */
export interface ChangeFailure {
  readonly code: string
  readonly description: string
  readonly at: Instant
}

/** A finding by its id in the warning catalogue (spec: behaviour E4), with the text that is shown. */
export interface Finding {
  readonly id: string
  readonly text: string
  /** Absent: about a certificate, unless the id says otherwise. */
  readonly stage?: 'pre-verification'
}

/** What lets a change leave domain validation (docs/config.md, CERTRAIL_SANDBOX_VALIDATION). */
export type ValidationTrigger = 'acknowledgement' | 'sight' | 'dwell'

/** What production served for the enrollment when the change began, which only the change's own end alters. */
export interface LiveSpan {
  /** Until then it should have been replaced. */
  readonly lastSafe: Instant
  /** The first of a dual stack. */
  readonly expires: Instant
}

/** Counters of the step that the change is in; reset when it enters another. */
export interface ChangeProgress {
  /** Failed attempts at the current effect. */
  readonly attempts: number
  /** Own looks at the challenges since they were shown. */
  readonly rechecks: number
  readonly trigger: ValidationTrigger | null
  /** Nobody asked for it by hand, so it waits for a window of its account; absent: it does not. */
  readonly heldUntil?: Instant
  /** A pause or a pin holds it, until a person ends that. */
  readonly held?: true
  /** Orders of this change that its CA refused; kept from step to step. */
  readonly refusals?: number
  /** Kept from step to step; absent: nothing was live. */
  readonly live?: LiveSpan
  /** When a change that waits for its acknowledgement goes to production without; absent: never. */
  readonly deadline?: Instant
  /** When somebody last said that the values of the challenges stand where they belong. */
  readonly acknowledgedAt?: Instant
  /** When the first open authorization ends by age; a new order follows. */
  readonly authorizationsEnd?: Instant
  /** The step waits since then for a person to act at the CA. */
  readonly actionRequiredSince?: Instant
}

/** When the change may go to production: its own schedule, and the moment until which a renewal of the engine is held. */
export const effectiveSchedule = ({
  notBefore,
  notAfter,
  progress: { heldUntil },
}: Pick<Change, 'notBefore' | 'notAfter' | 'progress'>): {
  readonly notBefore: Instant | null
  readonly notAfter: Instant | null
} => ({
  notBefore: heldUntil === undefined || (notBefore !== null && notBefore > heldUntil) ? notBefore : heldUntil,
  notAfter,
})

/** A step that failed because a person has to act at the CA was not tried in vain: what was done until then takes no part in giving up. */
export const progressAfterFailure = (
  { progress }: Pick<Change, 'progress'>,
  code: string | undefined,
  now: Instant,
): Partial<ChangeProgress> =>
  code === 'authority-action-required'
    ? { actionRequiredSince: progress.actionRequiredSince ?? now }
    : { attempts: progress.attempts + 1 }

export const NO_PROGRESS: ChangeProgress = { attempts: 0, rechecks: 0, trigger: null }

/** One run through the pipeline for one enrollment. CPS API: Changes. */
export interface Change extends ChangeState {
  readonly id: ChangeId
  readonly enrollmentId: EnrollmentId
  readonly accountId: AccountId
  readonly action: ChangeAction
  /** What the enrollment is to become. */
  readonly settings: EnrollmentSettings
  readonly stagingBypass: boolean
  /** What the runner has to do next, in order; the head may be half done. */
  readonly effects: readonly ChangeEffect[]
  readonly progress: ChangeProgress
  readonly findings: readonly Finding[]
  readonly error: ChangeFailure | null
  readonly notBefore: Instant | null
  readonly notAfter: Instant | null
  /** When to look again (lifecycle clock); null: only somebody's call moves it. */
  readonly nextAt: Instant | null
  readonly createdBy: string
  readonly createdAt: Instant
  /** When it entered its status and state. */
  readonly enteredAt: Instant
  readonly updatedAt: Instant
  readonly revision: number
}
