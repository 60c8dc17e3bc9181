import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from './duration.ts'

describe('parseDuration', () => {
  it.each([
    ['PT30S', 30_000],
    ['PT5S', 5_000],
    ['PT0S', 0],
    ['P30D', 30 * 86_400_000],
    ['P1DT12H30M1S', 86_400_000 + 12 * 3_600_000 + 30 * 60_000 + 1_000],
    ['P2W', 14 * 86_400_000],
    ['PT90M', 90 * 60_000],
    ['PT0.5S', 500],
    ['PT1,25S', 1_250],
    ['PT0.005S', 5],
  ])('reads %s as %i milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    'P1Y',
    'P1M',
    'P1Y2M',
    'P1W2D',
    'PT1.5H',
    '30s',
    '30',
    'PT-5S',
    '-PT5S',
    'pt5s',
    ' PT5S',
    'PT5S\n',
    'PT5S ',
    'PT1S1M',
    'PT0.0005S',
    'P1H',
    'PT1234567890S',
    'PT٣S',
  ])('refuses %j: not a duration of fixed length', (text) => {
    expect(parseDuration(text)).toBeNull()
  })

  it('adds up whatever parts are given', () => {
    const part = fc.option(fc.nat(999_999), { nil: null })
    fc.assert(
      fc.property(part, part, part, part, (days, hours, minutes, seconds) => {
        const date = days === null ? '' : `${days}D`
        const time = [
          hours === null ? '' : `${hours}H`,
          minutes === null ? '' : `${minutes}M`,
          seconds === null ? '' : `${seconds}S`,
        ].join('')
        fc.pre(date !== '' || time !== '')
        const expected =
          (days ?? 0) * 86_400_000 +
          (hours ?? 0) * 3_600_000 +
          (minutes ?? 0) * 60_000 +
          (seconds ?? 0) * 1_000
        expect(parseDuration(`P${date}${time === '' ? '' : `T${time}`}`)).toBe(expected)
      }),
    )
  })

  it('never throws and never gives anything but null or a safe whole number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^P[0-9DTHMSW.]*$/)), (text) => {
        const milliseconds = parseDuration(text)
        expect(milliseconds === null || (Number.isSafeInteger(milliseconds) && milliseconds >= 0)).toBe(true)
      }),
    )
  })
})
