import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromWireTime, toWireTime } from './time.ts'

const two = (value: number): string => String(value).padStart(2, '0')
const four = (value: number): string => String(value).padStart(4, '0')

describe('a time on the wire', () => {
  it.each([
    ['2021-01-31', '2021-01-31T00:00:00Z'],
    ['2021-01-31T00:00:00.000Z', '2021-01-31T00:00:00Z'],
    ['2021-01-31T12:30Z', '2021-01-31T12:30:00Z'],
    ['2021-01-31T23:30:00-01:30', '2021-02-01T01:00:00Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
    ['2000-02-29', '2000-02-29T00:00:00Z'],
    ['0001-01-01', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59Z'],
  ])('%s is %s', (text, expected) => {
    const at = fromWireTime(text)
    expect(at === null ? null : toWireTime(at)).toBe(expected)
  })

  it.each([
    '',
    '2021-02-31',
    '2021-02-29',
    '2100-02-29T00:00:00Z',
    '2021-04-31T00:00:00Z',
    '2021-00-10',
    '2021-13-01',
    '2021-01-00',
    '2021-01-31T24:00:00Z',
    '2021-01-31T23:60:00Z',
    '2021-01-31T23:59:60Z',
    '2021-01-31T00:00:00',
    '2021-01-31T00:00:00+24:00',
    '2021-01-31T00:00:00+01:60',
    '2021-1-31',
    '31.01.2021',
    '2021-01-31 00:00:00Z',
    ' 2021-01-31',
    '2021-01-31\n',
    '+02021-01-31',
    '0000-12-31',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    'tomorrow',
  ])('%j is none', (text) => {
    expect(fromWireTime(text)).toBeNull()
  })

  it('is read back as it was written, and only where the calendar has the day', () => {
    const part = { year: fc.integer({ min: 1, max: 9999 }), month: fc.integer({ min: 1, max: 12 }) }
    fc.assert(
      fc.property(part.year, part.month, fc.integer({ min: 1, max: 31 }), (year, month, day) => {
        const text = `${four(year)}-${two(month)}-${two(day)}T01:02:03Z`
        const calendar = new Date(0)
        calendar.setUTCFullYear(year, month - 1, day)
        const at = fromWireTime(text)
        expect(at === null ? null : toWireTime(at)).toBe(calendar.getUTCDate() === day ? text : null)
      }),
    )
  })
})
