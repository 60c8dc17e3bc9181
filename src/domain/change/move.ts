import type { Instant } from '../time.ts'
import type { ValidationPolicy } from '../validation/policy.ts'
import { type Change, type ChangeFailure, type ChangeProgress, type Finding, NO_PROGRESS } from './change.ts'
import { type ChangeEffect, OWED_EFFECTS } from './effects.ts'
import type { ChangeEvent } from './events.ts'
import type { ChangeFacts } from './facts.ts'
import { type Step, step } from './step.ts'
import { nextWake, notAfterLastResort, windowOf } from './wake.ts'

export interface Circumstances {
  readonly now: Instant
  readonly policy: ValidationPolicy
}

export interface MoveDetails {
  readonly findings?: readonly Finding[]
  readonly progress?: Partial<ChangeProgress>
  readonly failure?: Omit<ChangeFailure, 'at'>
  /** The next effect is not to begin sooner; null: not before somebody's call. */
  readonly nextAt?: Instant | null
}

export type Move = { readonly ok: true; readonly change: Change } | Extract<Step, { ok: false }>

/** The change after an event: the table decides where it goes, this fills in the moments and counters that follow from it. Pure. */
export function move(change: Change, event: ChangeEvent, at: Circumstances, details: MoveDetails = {}): Move {
  const next = step(
    change,
    event,
    factsOf({ ...change, progress: { ...change.progress, ...details.progress } }, at.now),
  )
  if (!next.ok) return next
  const stays = next.status === change.status && next.state === change.state
  const moved: Change = {
    ...change,
    status: next.status,
    state: next.state,
    effects: [...change.effects.filter(isOwed), ...next.effects],
    findings: details.findings ?? change.findings,
    progress: { ...progressAfter(change, next.status, stays), ...details.progress },
    error: next.state === 'error' ? failureOf(change, details, at.now) : null,
    enteredAt: stays ? change.enteredAt : at.now,
    updatedAt: at.now,
  }
  const nextAt =
    details.nextAt === undefined
      ? nextWake(moved, at.policy, at.now)
      : notAfterLastResort(moved, details.nextAt, at.now)
  return { ok: true, change: { ...moved, nextAt } }
}

const isOwed = (effect: ChangeEffect): boolean => OWED_EFFECTS.includes(effect)

/** The head of the effects is done and yielded no event. */
export function finishEffect(change: Change, at: Circumstances): Change {
  const finished: Change = { ...change, effects: change.effects.slice(1), updatedAt: at.now }
  return { ...finished, nextAt: nextWake(finished, at.policy, at.now) }
}

export const factsOf = (change: Change, now: Instant): ChangeFacts => ({
  action: change.action,
  validationType: change.settings.validationType,
  changeManagement: change.settings.changeManagement,
  stagingBypass: change.stagingBypass,
  window: windowOf(change, now),
})

/** Attempts are counted through `error` and back, so that retries space out; another step begins anew. */
const progressAfter = (change: Change, status: Change['status'], stays: boolean): ChangeProgress =>
  stays || status === change.status
    ? change.progress
    : { ...NO_PROGRESS, ...liveOf(change), ...refusalsAfter(change, status) }

const liveOf = ({ progress: { live } }: Change): Pick<ChangeProgress, 'live'> =>
  live === undefined ? {} : { live }

/** Counted where the order is refused; a change that never was carries no count. */
function refusalsAfter(
  { progress: { refusals = 0 } }: Change,
  status: Change['status'],
): Pick<ChangeProgress, 'refusals'> {
  const counted = refusals + (status === 'check-for-cert-error' ? 1 : 0)
  return counted === 0 ? {} : { refusals: counted }
}

function failureOf(change: Change, details: MoveDetails, now: Instant): ChangeFailure {
  const failure = details.failure ??
    change.error ?? { code: 'internal-error', description: 'The step failed.' }
  return { code: failure.code, description: failure.description, at: now }
}
