import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Instant, instant, plus, SECOND } from '../time.ts'
import { CPS_RATE_LIMITS, rateStanding, withCall } from './rate-limits.ts'

const T0 = instant(1_795_000_000_000)
const { calls: LIMITS } = CPS_RATE_LIMITS

/** Calls at these distances from each other; which of them were let through, and when. */
function letThrough(gaps: readonly number[]): readonly Instant[] {
  let [now, taken]: [Instant, readonly Instant[]] = [T0, []]
  const through: Instant[] = []
  for (const gap of gaps) {
    now = plus(now, gap)
    if (rateStanding(taken, LIMITS, now).remaining === 0) continue
    taken = withCall(taken, LIMITS, now)
    through.push(now)
  }
  return through
}

const gaps = fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 200 })

describe('the limits of the CPS API', () => {
  it('let no span through more than they say, whatever the calls', () => {
    fc.assert(
      fc.property(gaps, (given) => {
        const through = letThrough(given)
        for (const { calls, perMs } of LIMITS)
          for (const from of through)
            expect(through.filter((at) => at >= from && at < from + perMs).length).toBeLessThanOrEqual(calls)
      }),
    )
  })

  it('let 20 through at once, 15 more two seconds later, and the next when a minute has passed since the first', () => {
    const burst = letThrough(Array.from({ length: 30 }, () => 0))
    expect(burst).toHaveLength(20)
    expect(rateStanding(burst, LIMITS, T0)).toEqual({ limit: 20, remaining: 0, nextAt: plus(T0, 2 * SECOND) })
    const more = letThrough([
      ...Array.from({ length: 30 }, () => 0),
      2_000,
      ...Array.from({ length: 30 }, () => 0),
    ])
    expect(more).toHaveLength(35)
    expect(rateStanding(more, LIMITS, plus(T0, 5 * SECOND))).toEqual({
      limit: 35,
      remaining: 0,
      nextAt: plus(T0, 60 * SECOND),
    })
  })

  it('say the very moment from which a call is let through', () => {
    fc.assert(
      fc.property(gaps, (given) => {
        const taken = letThrough(given)
        const now = taken.at(-1) ?? T0
        const { remaining, nextAt } = rateStanding(taken, LIMITS, now)
        expect(remaining === 0).toBe(nextAt > now)
        expect(rateStanding(taken, LIMITS, nextAt).remaining).toBeGreaterThan(0)
        if (nextAt > now) expect(rateStanding(taken, LIMITS, plus(nextAt, -1)).remaining).toBe(0)
      }),
    )
  })

  it('lock nobody out when a clock was set back', () => {
    const ahead = Array.from({ length: 35 }, (_, n) => plus(T0, 3_600_000 + n))
    expect(rateStanding(ahead, LIMITS, T0).remaining).toBe(20)
    expect(withCall(ahead, LIMITS, T0)).toEqual([T0])
  })
})
