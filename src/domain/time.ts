/** A moment: milliseconds since 1970-01-01T00:00:00Z. Which clock it belongs to is said where it is kept. */
export type Instant = number & { readonly __brand: 'Instant' }

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const instant = (epochMs: number): Instant => Math.trunc(epochMs) as Instant

export const plus = (at: Instant, milliseconds: number): Instant => instant(at + milliseconds)

/** RFC 3339, UTC, whole seconds: the only form of time on the CPS API's wire. */
export const toWireTime = (at: Instant): string => `${isoOf(at).slice(0, 19)}Z`

/** Accepts a date (`2021-01-31`, its first moment in UTC) or RFC 3339; null when it is neither. */
export function fromWireTime(text: string): Instant | null {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return null
  const parsed = Date.parse(text)
  return Number.isNaN(parsed) ? null : instant(parsed)
}

function isoOf(at: Instant): string {
  // oxlint-disable-next-line no-restricted-globals -- a calendar conversion of a given instant, no clock is read
  return new Date(at).toISOString()
}
