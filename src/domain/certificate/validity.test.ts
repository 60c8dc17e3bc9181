import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, DAY, type Instant, fromWireTime, plus } from '../time.ts'
import { authorizationReuseMs, longestValidityDays, validityDays } from './validity.ts'

const on = (day: string): Instant => fromWireTime(day) as Instant

describe('validity limits', () => {
  it.each([
    ['2026-03-14', 398],
    ['2026-03-15', 200],
    ['2027-03-14', 200],
    ['2027-03-15', 100],
    ['2029-03-14', 100],
    ['2029-03-15', 47],
    ['2060-01-01', 47],
  ])('on %s a public certificate lives at most %i days (BR section 6.3.2)', (day, days) => {
    expect(longestValidityDays(on(day))).toBe(days)
  })

  it('changes at the first moment of the day, UTC', () => {
    expect(longestValidityDays(plus(on('2026-03-15'), -1))).toBe(398)
    expect(longestValidityDays(on('2026-03-15'))).toBe(200)
  })

  it.each([
    ['2026-03-01', { dv: 90, ov: 365, ev: 397 }],
    ['2026-11-22', { dv: 90, ov: 199, ev: 199 }],
    ['2027-02-10', { dv: 64, ov: 199, ev: 199 }],
    ['2027-03-15', { dv: 64, ov: 99, ev: 99 }],
    ['2028-02-16', { dv: 45, ov: 99, ev: 99 }],
    ['2029-03-15', { dv: 45, ov: 46, ev: 46 }],
  ])('on %s the sandbox CA gives %o days', (day, expected) => {
    const at = on(day)
    expect({ dv: validityDays('dv', at), ov: validityDays('ov', at), ev: validityDays('ev', at) }).toEqual(
      expected,
    )
  })

  it('stays below the limit in force, whatever the moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), fc.constantFrom('dv', 'ov', 'ev'), (days, type) => {
        const at = plus(on('1990-01-01'), days * DAY)
        expect(validityDays(type as 'dv' | 'ov' | 'ev', at)).toBeLessThan(longestValidityDays(at))
      }),
    )
  })

  it('reuses a proof of control for 30 days, later 10, later 7 hours', () => {
    expect(authorizationReuseMs(on('2026-11-22'))).toBe(30 * DAY)
    expect(authorizationReuseMs(on('2027-02-10'))).toBe(10 * DAY)
    expect(authorizationReuseMs(on('2028-02-16'))).toBe(7 * HOUR)
  })
})
