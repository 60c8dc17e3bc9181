import { HOUR, type Instant, plus } from '../time.ts'
import { acknowledgementDeadline, type LiveCertificate } from './acknowledgement-deadline.ts'
import type { Change, LiveSpan } from './change.ts'
import { OWED_EFFECTS } from './effects.ts'
import type { ChangeEvent } from './events.ts'
import { renewsItself } from './facts.ts'
import { hasGivenUp } from './retry.ts'
import type { ChangeStatus } from './vocabulary.ts'

/**
 * Production must not expire because somebody forgot a change. What still stands in the way at the last safe moment of what is live goes on without its person
 * or date where it renews that itself, and else ends without effect: a renewal of what is live takes its place (docs/divergences.md, Change management).
 */
export interface LastResort {
  readonly at: Instant
  readonly event: Extract<ChangeEvent, 'deadline-passed' | 'window-opened' | 'superseded'>
}

/** What is live when a change begins; null: nothing. A change that begins late has half of what remains to it. */
export function liveSpan(live: readonly LiveCertificate[], begins: Instant): LiveSpan | null {
  const deadline = acknowledgementDeadline(live)
  if (deadline === null) return null
  const expires = Math.min(...live.map(({ notAfter }) => notAfter)) as Instant
  const half = plus(begins, Math.max(0, Math.floor((expires - begins) / 2)))
  return { lastSafe: deadline > half ? deadline : half, expires }
}

/** Null: the change moves by itself in time, or nothing would be won by moving it. */
export function lastResort(change: Change): LastResort | null {
  const { live } = change.progress
  // A person holds it back, and is told loudly what that costs.
  if (change.progress.held === true) return null
  if (live === undefined || change.effects.some((effect) => OWED_EFFECTS.includes(effect))) return null
  const event = renewsItself(change)
    ? eventOfRenewal(change, live)
    : standsInTheWay(change, live)
      ? 'superseded'
      : null
  return event === null ? null : { at: momentOf(change, live), event }
}

/** Only a person mends it, though the clock may still end it for a renewal. */
export const isLeftToPeople = (change: Change): boolean =>
  change.state === 'error' &&
  (change.nextAt === null || (hasGivenUp(change) && change.nextAt === lastResort(change)?.at))

/** A date that would let what is live expire, and one that was missed, give way to the renewal that they are dates of. */
export function passesOverDates(change: Change, now: Instant): boolean {
  const { live } = change.progress
  return live !== undefined && live.lastSafe <= now && renewsItself(change) && missesDate(change, live, now)
}

const missesDate = ({ notBefore, notAfter }: Change, { expires }: LiveSpan, now: Instant): boolean =>
  (notBefore !== null && notBefore >= expires) || (notAfter !== null && notAfter < now)

function eventOfRenewal(
  { action, status, state, notBefore, notAfter }: Change,
  { lastSafe, expires }: LiveSpan,
): LastResort['event'] | null {
  if (status === 'wait-deployment-schedule') {
    const isMissed =
      (notBefore !== null && notBefore >= expires) || (notAfter !== null && notAfter < lastSafe)
    return isMissed || state === 'error' ? 'window-opened' : null
  }
  if (state !== 'awaiting-input') return null
  // Without a date the deadline of the acknowledgement does it, which knows the windows of the account.
  if (status === 'wait-ack-change-management') return notBefore === null ? null : 'deadline-passed'
  return action === 'renewal' && REVIEWS.includes(status) ? 'deadline-passed' : null
}

/** Reviews of what a CA of ours issues. Somebody's own upload with findings goes nowhere unread. */
const REVIEWS: readonly ChangeStatus[] = [
  'wait-review-pre-verification-safety-checks',
  'wait-review-cert-warning',
]

function standsInTheWay(change: Change, { expires }: LiveSpan): boolean {
  const { action, status, state, notBefore } = change
  if (action === 'new-certificate') return false
  // One that has begun is finished. One that waits would take nothing away before the expiry, and keep the renewal from coming.
  if (action === 'removal' && status !== 'wait-deployment-schedule') return false
  if (state === 'error') return hasGivenUp(change)
  if (status === 'wait-ack-change-management') return notBefore !== null
  if (status === 'wait-deployment-schedule') return notBefore !== null && notBefore >= expires
  return state === 'awaiting-input' || status === 'check-for-cert'
}

/** Where a CA or a look at DNS may be about to answer, whoever has just come has this long. */
const ANSWER_MS = HOUR
const ANSWERED: readonly ChangeStatus[] = ['coordinate-domain-validation', 'check-for-cert']

function momentOf({ status, enteredAt }: Change, { lastSafe }: LiveSpan): Instant {
  const answered = ANSWERED.includes(status) ? plus(enteredAt, ANSWER_MS) : enteredAt
  return answered > lastSafe ? answered : lastSafe
}
