import type { CountedCalls, RateLimitTable } from '../../src/domain/rate-limits/rate-limits.ts'
import { standingOf, withCall } from '../../src/domain/rate-limits/rate-limits.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { RateLimits } from '../../src/ports/rate-limits.ts'

/** Calls of accounts, counted in a map. */
export function createMemoryRateLimits(limits: RateLimitTable, real: Clock): RateLimits {
  const kept = new Map<string, CountedCalls['taken']>()
  return {
    async take(accountId, resources) {
      const at = real.now()
      const keyOf = (resource: string) => `${accountId} ${resource}`
      const counted = (): CountedCalls[] =>
        resources.map((resource) => ({ resource, taken: kept.get(keyOf(resource)) ?? [] }))
      const before = standingOf(counted(), limits, at)
      if (before.remaining === 0) return { ...before, admitted: false, at }
      for (const { resource, taken } of counted())
        kept.set(keyOf(resource), withCall(taken, limits[resource], at))
      return { ...standingOf(counted(), limits, at), admitted: true, at }
    },
  }
}
