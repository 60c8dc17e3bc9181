import { DAY, HOUR, MINUTE, SECOND } from '../domain/time.ts'

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY }

/** Milliseconds of `90s`, `10m`, `1h30m`, `2d`, `3w`, a bare number of seconds, or an ISO 8601 duration such as `PT5M`; null when it is none of them. */
export function parseDuration(text: string): number | null {
  const word = text.trim().toLowerCase()
  if (/^\d+$/.test(word)) return Number(word) * SECOND
  const weeks = /^p(\d+)w$/.exec(word)?.[1]
  if (weeks !== undefined) return Number(weeks) * 7 * DAY
  const iso = /^p(?:(\d+)d)?(?:t(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)?$/.exec(word)
  if (iso !== null && word !== 'p') {
    const [days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
    ]
    return days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND
  }
  if (!/^(\d+[smhdw])+$/.test(word)) return null
  return [...word.matchAll(/(\d+)([smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
    0,
  )
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`, `89 days`: two units at most. */
export function showDuration(milliseconds: number): string {
  const total = Math.max(0, milliseconds)
  if (total < MINUTE) return `${Math.floor(total / SECOND)} s`
  if (total < HOUR)
    return joined(Math.floor(total / MINUTE), 'min', Math.floor((total % MINUTE) / SECOND), 's')
  if (total < 2 * DAY)
    return joined(Math.floor(total / HOUR), 'h', Math.floor((total % HOUR) / MINUTE), 'min')
  return `${Math.floor(total / DAY)} days`
}

const joined = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
