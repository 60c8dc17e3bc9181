import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DAY, HOUR, type Instant, plus } from '../time.ts'
import { conflictsOf, type PlanFacts } from './conflicts.ts'
import type { Hold } from './hold.ts'
import { conflictsToTell, nextPlanLook } from './plan-look.ts'
import { type RenewalFacts, renewalMoments } from './renewal-moments.ts'
import { arbitraryRenewals, renewalFacts } from '../../../test/support/arbitrary-renewals.ts'
import { waitingChange } from '../../../test/support/waiting-change.ts'

/** Of a renewal that nothing lets begin. */
function factsAt(given: RenewalFacts, now: Instant, planned: Instant | null): PlanFacts {
  const moments = { ...renewalMoments({ ...given, now }), expires: given.live.notAfter }
  return { open: undefined, moments, planned, held: null, holds: [], names: [], now }
}

function codesAt(given: RenewalFacts, now: Instant) {
  const facts = factsAt(given, now, null)
  return conflictsToTell(facts, given.maintenance, conflictsOf(facts)).map(({ code }) => code)
}

it('when no window can hold any more it is seen at the moment that makes it true, by looks at a few moments only', () => {
  let becameTrue = 0
  fc.assert(
    fc.property(arbitraryRenewals, (given) => {
      const { begin, lastSafe } = renewalMoments(given)
      let now: Instant | null = given.now
      let isTold = false
      let looks = 0
      while (now !== null && now < lastSafe && !isTold) {
        const facts = factsAt(given, now, begin.at)
        const conflicts = conflictsToTell(facts, given.maintenance, conflictsOf(facts))
        isTold = conflicts.length > 0
        if (isTold && now > given.now) {
          becameTrue += 1
          // A moment before it was not true.
          expect(codesAt(given, plus(now, -1))).toEqual([])
        }
        if (!isTold) now = nextPlanLook(facts, given.maintenance, conflicts)
        looks += 1
      }
      // Whoever was never told had a window up to the end.
      if (!isTold && given.now < lastSafe) expect(codesAt(given, plus(lastSafe, -1))).toEqual([])
      expect(looks).toBeLessThan(50)
    }),
    process.env['CERTRAIL_TEST_LONG'] === '1' ? { numRuns: 5_000 } : { numRuns: 150, seed: 1 },
  )
  expect(becameTrue).toBeGreaterThan(5)
})

it('what a person holds back is told as a conflict a day before, unless its change stands before the hold and has told it', () => {
  const given = renewalFacts()
  const { lastSafe } = renewalMoments(given)
  const holds: readonly Hold[] = [{ kind: 'pause', text: 'Paused.' }]
  const told = (now: Instant, more: Partial<PlanFacts> = {}) => {
    const facts = { ...factsAt(given, now, null), holds, ...more }
    return conflictsToTell(facts, given.maintenance, conflictsOf(facts)).map(({ code }) => code)
  }
  expect(told(plus(lastSafe, -DAY - HOUR))).toEqual([])
  expect(told(plus(lastSafe, -DAY))).toEqual(['held-back'])
  const change = waitingChange(given.now)
  const held = { ...change, progress: { ...change.progress, held: true as const } }
  expect(told(plus(lastSafe, -DAY), { open: held })).toEqual([])
})
