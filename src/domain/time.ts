/** A moment: milliseconds since 1970-01-01T00:00:00Z. Which clock it belongs to is said where it is kept. */
export type Instant = number & { readonly __brand: 'Instant' }

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const instant = (epochMs: number): Instant => Math.trunc(epochMs) as Instant

export const plus = (at: Instant, milliseconds: number): Instant => instant(at + milliseconds)

export const later = (one: Instant, other: Instant): Instant => (one > other ? one : other)

/** RFC 3339, UTC, whole seconds: the only form of time on the CPS API's wire. */
export const toWireTime = (at: Instant): string => `${isoOf(at).slice(0, 19)}Z`

/** The same with milliseconds, as X-RateLimit-Next has it. */
export const toWireTimeInMilliseconds = (at: Instant): string => isoOf(at)

const WIRE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/

/** Accepts a date (`2021-01-31`, its first moment in UTC) or RFC 3339; null when it is neither, or no day of the calendar, or outside the years 1 to 9999. */
export function fromWireTime(text: string): Instant | null {
  const match = WIRE_TIME.exec(text)
  if (match === null) return null
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number]
  // Date.parse turns 31 February into 3 March.
  if (day < 1 || day > daysIn(year, month)) return null
  const parsed = Date.parse(text)
  return parsed >= EARLIEST && parsed <= LATEST ? instant(parsed) : null
}

/** What has a form on the wire: years of four digits, also after an offset was taken off. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z')
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

function isoOf(at: Instant): string {
  // oxlint-disable-next-line no-restricted-globals -- a calendar conversion of a given instant, no clock is read
  return new Date(at).toISOString()
}
