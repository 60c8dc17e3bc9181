import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts'
import { issuanceWait } from './issuance-wait.ts'

it.each([
  [0, SECOND],
  [-5 * SECOND, SECOND],
  [40 * SECOND, 5 * SECOND],
  [HOUR, 450 * SECOND],
  [3 * DAY, 10 * MINUTE],
])(
  'a CA that has worked for %i ms and does not say when it will be done is asked again after %i ms',
  (elapsed, wait) => expect(issuanceWait(elapsed)).toBe(wait),
)

it('asks at most 60 times in the first hour, and not 145 times on any later day', () => {
  const looks = (from: number, to: number): number => {
    let count = 0
    for (let at = from; at < to; at += issuanceWait(at)) count += 1
    return count
  }
  expect(looks(0, HOUR)).toBeLessThanOrEqual(60)
  expect(looks(2 * HOUR, 26 * HOUR)).toBeLessThan(145)
})
