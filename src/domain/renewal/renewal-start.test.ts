import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ValidationType } from '../enrollment/enrollment.ts'
import { enrollmentId } from '../identifiers.ts'
import { DAY, HOUR, instant, plus } from '../time.ts'
import { plannedRenewal, renewalStart } from './renewal-start.ts'

const BEGIN = instant(1_795_000_000_000)
const leadDays = (type: ValidationType, days: number) =>
  (plus(BEGIN, days * DAY) - renewalStart(type, { notBefore: BEGIN, notAfter: plus(BEGIN, days * DAY) })) /
  DAY

describe('a renewal begins', () => {
  it.each([
    ['dv', 90, 30],
    ['dv', 45, 15],
    ['dv', 6, 3],
    ['ov', 199, 60],
    ['ov', 99, 33],
    ['ov', 46, 46 / 3],
    ['ev', 397, 90],
    ['third-party', 365, 60],
    ['third-party', 10, 10 / 3],
    ['third-party', 9, 4.5],
  ] as const)('%s of %i days: %d days before its end', (type, days, lead) => {
    expect(leadDays(type, days)).toBeCloseTo(lead, 6)
  })

  it('as CPS shows it for third-party certificates, to the second (spec: behaviour G1)', () => {
    const expiry = instant(Date.parse('2024-12-16T12:08:13Z'))
    const planned = plannedRenewal(enrollmentId(10_002), 'third-party', {
      notBefore: plus(expiry, -365 * DAY),
      notAfter: expiry,
    })
    expect(new Date(planned).toISOString()).toBe('2024-10-17T12:08:13.000Z')
  })

  it('at one moment of its own for each enrollment, never before the window, never after a tenth of it', () => {
    const types = fc.constantFrom<ValidationType>('dv', 'ov', 'ev', 'third-party')
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 40 }),
        types,
        fc.integer({ min: 1, max: 397 }),
        (id, type, days) => {
          const end = plus(BEGIN, days * DAY)
          const validity = { notBefore: BEGIN, notAfter: end }
          const start = renewalStart(type, validity)
          const planned = plannedRenewal(enrollmentId(id), type, validity)
          expect(planned).toBe(plannedRenewal(enrollmentId(id), type, validity))
          expect(planned).toBeGreaterThanOrEqual(start)
          expect(planned - start).toBeLessThanOrEqual(Math.min((end - start) / 10, 12 * HOUR))
        },
      ),
    )
  })

  it('spread: a fleet of a thousand in a row is due in every hour of the twelve', () => {
    const end = plus(BEGIN, 90 * DAY)
    const validity = { notBefore: BEGIN, notAfter: end }
    const start = renewalStart('dv', validity)
    const hours = Array.from({ length: 1_000 }, (_, index) =>
      Math.floor((plannedRenewal(enrollmentId(10_000 + index), 'dv', validity) - start) / HOUR),
    )
    for (let hour = 0; hour < 12; hour += 1)
      expect(hours.filter((one) => one === hour).length).toBeGreaterThan(40)
  })

  it('at another cap where the table is configured so, still by a fraction of a shorter lifetime', () => {
    const leadDays = { ev: 20, ov: 20, 'third-party': 20, dv: 20 }
    const lead = (days: number) => {
      const notAfter = plus(BEGIN, days * DAY)
      return (notAfter - renewalStart('dv', { notBefore: BEGIN, notAfter }, leadDays)) / DAY
    }
    expect([lead(90), lead(45), lead(6)]).toEqual([20, 15, 3])
  })
})
