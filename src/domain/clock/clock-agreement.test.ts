import { expect, it } from 'vitest'
import { DAY, HOUR, instant, MINUTE, plus } from '../time.ts'
import { clockFault } from './clock-agreement.ts'

const T0 = instant(1_795_000_000_000)
const reading = (real: number, database = 0, confirmedMs = 0, seen: number | null = null) =>
  clockFault({
    real: plus(T0, real),
    database: plus(T0, database),
    confirmedMs,
    seenAt: seen === null ? null : plus(T0, seen),
  })

it('five minutes against the database are borne, more are not, in either direction', () => {
  expect(reading(5 * MINUTE)).toBeNull()
  expect(reading(-5 * MINUTE)).toBeNull()
  expect(reading(6 * MINUTE)).toContain('6 minutes ahead of')
  expect(reading(-6 * MINUTE)).toContain('6 minutes behind')
})

it('is measured from the difference that somebody confirmed', () => {
  expect(reading(HOUR, 0, HOUR)).toBeNull()
  expect(reading(0, 0, HOUR)).toContain('60 minutes behind')
})

it('a machine that slept, for a night or a year, has moved both clocks', () => {
  expect(reading(8 * HOUR, 8 * HOUR, 0, 0)).toBeNull()
  expect(reading(365 * DAY, 365 * DAY, 0, 0)).toBeNull()
})

it('a clock that stands before what it has shown has gone back, also where the database shares it', () => {
  expect(reading(0, 0, 0, 5 * MINUTE)).toBeNull()
  expect(reading(0, 0, 0, HOUR)).toContain('gone back by 60 minutes')
})
