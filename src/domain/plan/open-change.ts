import { type Change, effectiveSchedule } from '../change/change.ts'
import { changesCertificate } from '../change/facts.ts'
import { lastResort, type LastResort } from '../change/last-resort.ts'
import { STATUSES } from '../change/statuses.ts'
import { type Instant, toWireTime } from '../time.ts'
import type { PlanStepKind } from './plan-steps.ts'
import type { Conflict, Moment } from './renewal-moments.ts'

export interface PlannedStep extends Moment {
  readonly what: PlanStepKind
}

/** What happens to an open change by itself. */
export function stepsOfChange(change: Change): readonly PlannedStep[] {
  const last = lastResort(change)
  const usual = usualStep(change, last)
  return [...(usual === null ? [] : [usual]), ...(last === null ? [] : lastSteps(change, last))]
}

function usualStep(change: Change, last: LastResort | null): PlannedStep | null {
  const { nextAt: at, status, state, error, progress } = change
  if (at === null || (last !== null && at >= last.at)) return null
  if (state === 'error') {
    const reason = `The step failed (${error?.description ?? 'unknown'}) and is tried again by itself.`
    return { at, what: 'try-again', reason }
  }
  if (status === 'wait-ack-change-management') {
    const reason = 'Nobody acknowledged it until then; what is live would expire soon after.'
    return { at, what: 'push-without-acknowledgement', reason }
  }
  if (progress.held === true) return { at, what: 'go-on', reason: 'It looks whether it is still held back.' }
  if (status === 'wait-deployment-schedule') {
    const reason =
      progress.heldUntil === undefined
        ? 'The deployment schedule of the change.'
        : 'The first maintenance window of the account, or the last safe moment.'
    return { at: effectiveSchedule(change).notBefore ?? at, what: 'deploy-to-production', reason }
  }
  return { at, what: 'go-on', reason: STATUSES[status].description }
}

/** A change that ends for a renewal has none: the renewal's own steps say it. */
function lastSteps({ status }: Change, { at, event }: LastResort): readonly PlannedStep[] {
  if (event === 'superseded') return []
  const isPush = event === 'deadline-passed' && status === 'wait-ack-change-management'
  const what =
    event === 'window-opened' ? 'deploy-to-production' : isPush ? 'push-without-acknowledgement' : 'go-on'
  return [{ at, what, reason: LAST_REASONS[event] }]
}

const LAST_REASONS = {
  'deadline-passed': 'Nobody acknowledged it until then; what is live would expire soon after.',
  'window-opened': 'The last safe moment: with its own dates it would come after what is live has expired.',
} as const

/** When a renewal begins that an open change stands in the way of; null: none has to, since the change brings another certificate by itself. */
export function renewalAfter(change: Change, begin: Moment): Moment | null {
  const last = lastResort(change)
  if (last?.event === 'superseded')
    return last.at > begin.at ? { at: last.at, reason: inPlaceOf(change) } : begin
  if (changesCertificate(change)) return null
  return change.nextAt !== null && change.nextAt > begin.at
    ? { at: change.nextAt, reason: `When change ${change.id} has ended.` }
    : begin
}

const inPlaceOf = ({ id }: Change): string =>
  `The last safe moment: change ${id}, which stands in its way and still waits, ends without effect then. As soon as it ends before, the renewal follows.`

/** `isDue`: the renewal would have begun by now. A date that cannot be kept is told at once. */
export function conflictOfChange(change: Change, isDue: boolean): Conflict | null {
  const last = lastResort(change)
  const { live } = change.progress
  if (last === null || live === undefined) return null
  const misses = change.notBefore !== null && change.notBefore >= live.expires
  if (!misses && !(isDue && last.event === 'superseded')) return null
  return { code: 'change-in-the-way', text: textOf(change, last, live.expires), until: last.at }
}

function textOf({ id, action, status }: Change, { at, event }: LastResort, expires: Instant): string {
  const waits = `Change ${id} (${action}) waits in ${status}, and what is live expires at ${toWireTime(expires)}.`
  return event === 'superseded'
    ? `${waits} If it still does at ${toWireTime(at)}, it ends without effect and what is live is renewed instead: give it what it waits for, an earlier date, or cancel it.${action === 'removal' ? ' The names stay up past its date then, until somebody removes them anew.' : ''}`
    : `${waits} So it goes on at ${toWireTime(at)}, whatever its date says: give it an earlier one.`
}
