import { describe, expect, it } from 'vitest'
import { DAY, HOUR, instant, plus } from '../time.ts'
import { acknowledgementDeadline } from './acknowledgement-deadline.ts'

const BEGIN = instant(1_700_000_000_000)
const live = (days: number) => ({ notBefore: BEGIN, notAfter: plus(BEGIN, days * DAY) })

describe('the deadline of an acknowledgement (spec: behaviour C7)', () => {
  it('is none while nothing is live', () => {
    expect(acknowledgementDeadline([])).toBeNull()
  })

  it.each([90, 200, 397])('is seven days before a certificate of %i days expires', (days) => {
    expect(acknowledgementDeadline([live(days)])).toBe(plus(BEGIN, (days - 7) * DAY))
  })

  it.each([
    [47, 94 * HOUR],
    [6, 12 * HOUR],
    [1, 2 * HOUR],
  ])('is a twelfth of the lifetime before a certificate of %i days expires', (days, leadMs) => {
    expect(acknowledgementDeadline([live(days)])).toBe(plus(BEGIN, days * DAY - leadMs))
  })

  it('goes by the first to expire of a dual stack', () => {
    expect(acknowledgementDeadline([live(200), live(90)])).toBe(acknowledgementDeadline([live(90)]))
  })
})
