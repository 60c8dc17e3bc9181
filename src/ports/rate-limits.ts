import type { AccountId } from '../domain/identifiers.ts'
import type { LimitedResource, RateStanding } from '../domain/rate-limits/rate-limits.ts'
import type { Instant } from '../domain/time.ts'

export interface RateVerdict extends RateStanding {
  readonly admitted: boolean
  /** When it was judged, by the real clock. */
  readonly at: Instant
}

/**
 * Counts the calls of each account over all processes on one database. A call is let through by all of `resources` or counted by none. Two calls that come at
 * once are counted one after the other. What was counted may be forgotten when the database stops uncleanly.
 */
export interface RateLimits {
  take(accountId: AccountId, resources: readonly LimitedResource[]): Promise<RateVerdict>
}
