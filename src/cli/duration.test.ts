import { describe, expect, it } from 'vitest'
import { parseDuration, showDuration } from './duration.ts'

describe('a duration', () => {
  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['3w', 1_814_400_000],
    ['P2W', 1_209_600_000],
    ['PT5M', 300_000],
    ['P1DT1H', 90_000_000],
    ['0s', 0],
  ])('%s is read', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['', 'm', '5x', '-5s', '1.5h', 'P', 'PT', 'P1DT', '5 minutes', 'soon'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull()
  })

  it.each([
    [0, '0 s'],
    [45_900, '45 s'],
    [200_000, '3 min 20 s'],
    [7_200_000, '2 h'],
    [89 * 86_400_000, '89 days'],
  ])('%i ms is shown in two units at most', (milliseconds, text) => {
    expect(showDuration(milliseconds)).toBe(text)
  })
})
