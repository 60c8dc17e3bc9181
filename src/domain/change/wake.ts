import type { Instant } from '../time.ts'
import { plus } from '../time.ts'
import type { ValidationPolicy } from '../validation/policy.ts'
import { type Change, effectiveSchedule } from './change.ts'
import type { ChangeEvent } from './events.ts'
import { type DeploymentWindow, deploymentWindow } from './facts.ts'
import { recheckDelay } from './recheck.ts'
import { isOpen } from './vocabulary.ts'
import { beginOfWork } from './pace.ts'
import { answersAt } from './own-answer.ts'
import { lastResort, passesOverDates } from './last-resort.ts'
import { nextAttemptDelay } from './retry.ts'

/**
 * When a change has to be looked at again (lifecycle clock): at once, or at its pace, while effects are pending, at its next due moment while it rests,
 * never (null) when only a person can move it.
 */
export function nextWake(change: Change, policy: ValidationPolicy, now: Instant): Instant | null {
  if (change.effects.length > 0)
    return notAfterLastResort(change, beginOfWork(change, policy.pace ?? {}, now), now)
  if (!isOpen(change)) return null
  const usual = change.state === 'error' ? [nextRetry(change, now)] : WAKES[change.status]?.(change, policy)
  return notAfterLastResort(change, earliest(usual ?? []), now)
}

/** A later moment would be too late for what is live; one that is over already is now. */
export function notAfterLastResort(change: Change, at: Instant | null, now: Instant): Instant | null {
  const last = lastResort(change)
  return last === null ? at : earliest([at, last.at > now ? last.at : now])
}

/** Nothing has to be waited for any more, neither a person nor an answer. */
export function isOverdue(change: Change, now: Instant): boolean {
  const last = lastResort(change)
  return last !== null && last.at <= now
}

export const windowOf = (change: Change, now: Instant): DeploymentWindow =>
  passesOverDates(change, now) ? 'open' : deploymentWindow(effectiveSchedule(change), now)

/** What happens to a resting change that was woken at or after its due moment. */
export function wakeEvent(change: Change, now: Instant): ChangeEvent | null {
  const last = lastResort(change)
  if (last !== null && last.at <= now) return last.event
  if (change.state === 'error') return 'retried'
  if (change.status === 'coordinate-domain-validation') return 'validation-requested'
  if (change.status === 'wait-deployment-schedule') return WINDOW_EVENTS[windowOf(change, now)]
  if (change.status === 'wait-ack-change-management') return deadlineEvent(change, now)
  return null
}

const WINDOW_EVENTS = { ahead: null, open: 'window-opened', passed: 'window-closed' } as const

const WAKES: Partial<
  Record<Change['status'], (change: Change, policy: ValidationPolicy) => (Instant | null)[]>
> = {
  'coordinate-domain-validation': validationWakes,
  'wait-deployment-schedule': (change) => {
    const { notBefore, notAfter } = effectiveSchedule(change)
    return [notBefore, notAfter]
  },
  'wait-ack-change-management': (change) => [pushDeadline(change)],
}

/** With a deployment date somebody has decided when; then only the last resort goes without an acknowledgement (spec: behaviour C7). */
const pushDeadline = ({ notBefore, progress }: Change): Instant | null =>
  notBefore === null ? (progress.deadline ?? null) : null

function deadlineEvent(change: Change, now: Instant): ChangeEvent | null {
  const deadline = pushDeadline(change)
  return deadline !== null && deadline <= now ? 'deadline-passed' : null
}

/** A trigger that a fault interrupted still stands: nobody has to acknowledge twice. */
function validationWakes(change: Change, policy: ValidationPolicy): (Instant | null)[] {
  if (change.progress.trigger !== null) return [change.updatedAt]
  const nextLook = plus(change.updatedAt, recheckDelay(change.progress.rechecks))
  const looks = policy.triggers.includes('sight') ? nextLook : null
  const own = answersAt(change, policy)
  // Once it has come, what the CA has not decided yet is looked at in the same rhythm.
  const answers = own === null || own > change.updatedAt ? own : nextLook
  // What ended before the last look has been dealt with by it.
  const end = change.progress.authorizationsEnd ?? null
  return [looks, answers, end !== null && end > change.updatedAt ? end : null]
}

function nextRetry(change: Change, now: Instant): Instant | null {
  const delay = nextAttemptDelay(change, now)
  return delay === null ? null : plus(now, delay)
}

function earliest(moments: readonly (Instant | null)[]): Instant | null {
  const known = moments.filter((moment) => moment !== null)
  return known.length === 0 ? null : (Math.min(...known) as Instant)
}
