import { describe, expect, it } from 'vitest'
import { systemClock } from './system-clock.ts'

describe('systemClock', () => {
  it('tells the time of the machine in whole milliseconds', () => {
    const before = Date.now()
    const now = systemClock().now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
    expect(Number.isInteger(now)).toBe(true)
  })

  it('stands still while the clock of the machine goes backwards', () => {
    const readings = [1_000, 400, 900, 1_001]
    const clock = systemClock(() => readings.shift() ?? 0)
    expect([clock.now(), clock.now(), clock.now(), clock.now()]).toEqual([1_000, 1_000, 1_000, 1_001])
  })
})
