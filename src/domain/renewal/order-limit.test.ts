import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { enrollmentId } from '../identifiers.ts'
import { DAY, HOUR, instant, MINUTE, plus, SECOND } from '../time.ts'
import {
  afterOrder,
  filled,
  fullBucket,
  isReleased,
  mostUrgentFirst,
  PUBLISHED_ORDER_LIMIT,
  turnsOf,
  type WaitingRenewal,
} from './order-limit.ts'

const NOW = instant(1_795_000_000_000)
const LIMIT = { orders: 100, periodMs: 100 * MINUTE }

/** Of 90 days, with so many left. */
const renewal = (id: number, daysLeft: number): WaitingRenewal => {
  const notAfter = plus(NOW, daysLeft * DAY)
  return {
    id: enrollmentId(id),
    live: { notBefore: plus(notAfter, -90 * DAY), notAfter },
    lastSafe: plus(notAfter, -7 * DAY),
  }
}

describe("a CA account's orders", () => {
  it("are by default what Let's Encrypt publishes: 300 in three hours, one back every 36 seconds", () => {
    const used = { tokens: 0, at: NOW }
    expect(filled(used, PUBLISHED_ORDER_LIMIT, plus(NOW, 36 * SECOND)).tokens).toBeCloseTo(1, 9)
    expect(filled(used, PUBLISHED_ORDER_LIMIT, plus(NOW, 3 * HOUR)).tokens).toBe(300)
    expect(filled(used, PUBLISHED_ORDER_LIMIT, plus(NOW, DAY)).tokens).toBe(300)
  })

  it('neither fill by a clock that was set back nor become a debt', () => {
    expect(filled({ tokens: 3, at: NOW }, LIMIT, plus(NOW, -HOUR))).toEqual({
      tokens: 3,
      at: plus(NOW, -HOUR),
    })
    expect(afterOrder({ tokens: 0.2, at: NOW }, LIMIT, NOW).tokens).toBe(0)
  })

  it('leave a tenth to people, except for a renewal that presses, and wait for nothing at the last safe moment', () => {
    const at = (tokens: number) => ({ tokens, at: NOW })
    expect(isReleased(renewal(1, 29), at(11), LIMIT, NOW)).toBe(true)
    expect(isReleased(renewal(1, 29), at(10), LIMIT, NOW)).toBe(false)
    expect(isReleased(renewal(1, 14), at(1), LIMIT, NOW)).toBe(true)
    expect(isReleased(renewal(1, 14), at(0.9), LIMIT, NOW)).toBe(false)
    expect(isReleased(renewal(1, 7), at(0), LIMIT, NOW)).toBe(true)
  })

  it('go to the smallest remaining share of life first', () => {
    const short = { ...renewal(3, 2), live: { notBefore: plus(NOW, -DAY), notAfter: plus(NOW, 2 * DAY) } }
    const order = mostUrgentFirst([renewal(1, 29), short, renewal(2, 20), renewal(4, 20)], NOW)
    expect(order.map(({ id }) => id)).toEqual([2, 4, 1, 3])
  })

  it('are given out as turns that keep the limit, in that order, none after its last safe moment', () => {
    const waiting = fc.array(fc.record({ id: fc.nat(), daysLeft: fc.integer({ min: 8, max: 60 }) }), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(waiting, fc.double({ min: 0, max: 100, noNaN: true }), (given, tokens) => {
        const all = given.map(({ daysLeft }, index) => renewal(index, daysLeft))
        const bucket = { tokens, at: NOW }
        const turns = turnsOf(all, { bucket, limit: LIMIT, notBefore: null }, NOW)
        expect(turns.map(({ id }) => id)).toEqual(mostUrgentFirst(all, NOW).map(({ id }) => id))
        turns.forEach(({ id, at }, place) => {
          expect(at).toBeGreaterThan(NOW)
          expect(at).toBeLessThanOrEqual(Math.max(all[id]?.lastSafe ?? 0, NOW + 1))
          // At its turn there is one for it, those before it being gone.
          if (at < (all[id]?.lastSafe ?? 0))
            expect(filled({ tokens: tokens, at: NOW }, LIMIT, at).tokens + 1e-6).toBeGreaterThanOrEqual(
              Math.min(LIMIT.orders, 1 + place),
            )
        })
      }),
    )
  })

  it('have no turn before the moment until which the CA asked to be left alone', () => {
    const until = plus(NOW, HOUR)
    const bucket = fullBucket(LIMIT, NOW)
    const turns = turnsOf([renewal(1, 3), renewal(2, 29)], { bucket, limit: LIMIT, notBefore: until }, NOW)
    expect(turns.map(({ at }) => at)).toEqual([until, until])
  })
})
