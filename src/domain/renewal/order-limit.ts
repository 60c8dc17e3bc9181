import type { EnrollmentId } from '../identifiers.ts'
import { HOUR, type Instant, plus } from '../time.ts'
import type { Validity } from './renewal-start.ts'

/** How many new orders a CA takes from one account within a period: a bucket of that many tokens, filled evenly. */
export interface OrderLimit {
  readonly orders: number
  readonly periodMs: number
}

/** What was left in the bucket at that moment; between two moments it fills by itself. */
export interface OrderBucket {
  readonly tokens: number
  readonly at: Instant
}

/**
 * What a CA is taken to allow when nobody said otherwise. Let's Encrypt publishes 300 new orders per account every three hours, a token bucket that gets
 * one back every 36 seconds; for a CA that publishes nothing the same is asked, which is 2,400 certificates a day.
 */
export const PUBLISHED_ORDER_LIMIT: OrderLimit = { orders: 300, periodMs: 3 * HOUR }

/** Of the bucket: renewals that can wait leave it to people. */
const PEOPLES_SHARE = 1 / 10

/** A renewal with less of its life left than this takes what is kept for people, too: half of the usual lead has been waited for. */
const PRESSING_SHARE = 1 / 6

export const fullBucket = ({ orders }: OrderLimit, at: Instant): OrderBucket => ({ tokens: orders, at })

/** A clock that was set back fills nothing. */
export const filled = (
  { tokens, at }: OrderBucket,
  { orders, periodMs }: OrderLimit,
  now: Instant,
): OrderBucket => ({
  tokens: Math.min(orders, tokens + (Math.max(0, now - at) * orders) / periodMs),
  at: now,
})

/** After an order that was not held back. The bucket has no debt: what the CA itself would not have taken costs nothing there. */
export const afterOrder = (bucket: OrderBucket, limit: OrderLimit, now: Instant): OrderBucket => {
  const { tokens } = filled(bucket, limit, now)
  return { tokens: Math.max(0, tokens - 1), at: now }
}

/** In [0, 1] as long as it lives: the smaller, the sooner it has to be renewed. */
export const remainingShare = ({ notBefore, notAfter }: Validity, now: Instant): number =>
  (notAfter - now) / Math.max(1, notAfter - notBefore)

export interface WaitingRenewal {
  readonly id: EnrollmentId
  readonly live: Validity
  /** Beyond it nothing is held back. */
  readonly lastSafe: Instant
}

/** Whether an order for this renewal may go now. */
export const isReleased = (
  { live, lastSafe }: WaitingRenewal,
  bucket: OrderBucket,
  limit: OrderLimit,
  now: Instant,
): boolean => now >= lastSafe || filled(bucket, limit, now).tokens >= 1 + keptForPeople(live, limit, now)

const keptForPeople = (live: Validity, { orders }: OrderLimit, now: Instant): number =>
  remainingShare(live, now) < PRESSING_SHARE ? 0 : Math.floor(orders * PEOPLES_SHARE)

/** Smallest remaining share of life first, those that are alike by id. */
export const mostUrgentFirst = <Renewal extends Pick<WaitingRenewal, 'id' | 'live'>>(
  waiting: readonly Renewal[],
  now: Instant,
): readonly Renewal[] =>
  waiting.toSorted(
    (one, other) => remainingShare(one.live, now) - remainingShare(other.live, now) || one.id - other.id,
  )

export interface Turn {
  readonly id: EnrollmentId
  readonly at: Instant
}

/**
 * When each of those that wait for one account has its turn, if nobody else orders meanwhile: always after `now`, not after its own last safe moment unless that
 * has passed, and not before `notBefore`, since a CA that asked to be left alone refuses the most urgent, too.
 */
export function turnsOf(
  waiting: readonly WaitingRenewal[],
  { bucket, limit, notBefore }: { bucket: OrderBucket; limit: OrderLimit; notBefore: Instant | null },
  now: Instant,
): readonly Turn[] {
  const { tokens } = filled(bucket, limit, now)
  return mostUrgentFirst(waiting, now).map(({ id, live, lastSafe }, place) => {
    const lacking = 1 + place + keptForPeople(live, limit, now) - tokens
    const filledAt = plus(now, Math.ceil((Math.max(0, lacking) * limit.periodMs) / limit.orders))
    return { id, at: Math.max(now + 1, notBefore ?? 0, Math.min(filledAt, lastSafe)) as Instant }
  })
}
