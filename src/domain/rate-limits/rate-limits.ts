import { type Instant, MINUTE, plus, SECOND } from '../time.ts'

/** So many calls in any span of that length. */
export interface RateLimit {
  readonly calls: number
  readonly perMs: number
}

/** What is counted by itself: all CPS calls of an account, and the one list that is dear. */
export type LimitedResource = 'calls' | 'active-certificates'

export type RateLimitTable = Readonly<Record<LimitedResource, readonly RateLimit[]>>

/** CPS API: rate limiting (spec: behaviour G3). 35 a minute and 20 in two seconds; active-certificates besides 10 a minute. */
export const CPS_RATE_LIMITS: RateLimitTable = {
  calls: [
    { calls: 35, perMs: MINUTE },
    { calls: 20, perMs: 2 * SECOND },
  ],
  'active-certificates': [{ calls: 10, perMs: MINUTE }],
}

export interface RateStanding {
  /** Of the limit that leaves least. */
  readonly limit: number
  readonly remaining: number
  /** From when on a call is let through: `now` while some remain. */
  readonly nextAt: Instant
}

/** A clock that was set back must not lock anybody out: what lies further ahead than any span is long was written by it. */
const LONGEST_SPAN_MS = MINUTE

/** Where an account stands that was let through at `taken`, in ascending order. */
export function rateStanding(
  taken: readonly Instant[],
  limits: readonly RateLimit[],
  now: Instant,
): RateStanding {
  const standings = limits.map(({ calls, perMs }) => {
    const inside = taken.filter((at) => at > now - perMs && at <= now + LONGEST_SPAN_MS)
    const leaving = inside[inside.length - calls]
    return {
      limit: calls,
      remaining: Math.max(0, calls - inside.length),
      nextAt: leaving === undefined ? now : plus(leaving, perMs),
    }
  })
  return tightestOf(standings)
}

/** What is still to be remembered, with a call that is let through now. */
export function withCall(
  taken: readonly Instant[],
  limits: readonly RateLimit[],
  now: Instant,
): readonly Instant[] {
  const most = Math.max(...limits.map(({ calls }) => calls))
  const kept = taken.filter((at) => at <= now + LONGEST_SPAN_MS)
  return [...kept, now].toSorted((one, other) => one - other).slice(-most)
}

export interface CountedCalls {
  readonly resource: LimitedResource
  readonly taken: readonly Instant[]
}

/** Where a call stands that several resources count: what leaves least speaks, and the latest moment holds. */
export function standingOf(
  counted: readonly CountedCalls[],
  limits: RateLimitTable,
  now: Instant,
): RateStanding {
  return tightestOf(counted.map(({ resource, taken }) => rateStanding(taken, limits[resource], now)))
}

/** A refusal holds until its moment, since calls can only be added. Not where a clock was set back meanwhile. */
export const isStillRefused = ({ nextAt }: RateStanding, now: Instant): boolean =>
  nextAt > now && nextAt <= now + LONGEST_SPAN_MS

function tightestOf(standings: readonly RateStanding[]): RateStanding {
  const [tightest] = standings.toSorted((one, other) => one.remaining - other.remaining)
  if (tightest === undefined) throw new Error('a call without a limit')
  return { ...tightest, nextAt: latest(standings.map(({ nextAt }) => nextAt)) }
}

const latest = (moments: readonly Instant[]): Instant =>
  moments.reduce((one, other) => (other > one ? other : one))
