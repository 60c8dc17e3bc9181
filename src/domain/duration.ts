import { DAY, HOUR, MINUTE, SECOND } from './time.ts'

const WEEKS = /^P(\d{1,9})W$/
const DAYS_AND_TIME =
  /^P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,](\d{1,3}))?S)?)?$/

/**
 * Milliseconds of an ISO 8601 duration of fixed length (`PT30S`, `P30D`, `P1DT12H`, `P2W`); fractions on seconds only, down to
 * milliseconds. Null when it is none: years and months too, which have no length of their own.
 */
export function parseDuration(text: string): number | null {
  const weeks = WEEKS.exec(text)?.[1]
  if (weeks !== undefined) return Number(weeks) * 7 * DAY
  const match = DAYS_AND_TIME.exec(text)
  if (match === null || text.endsWith('P') || text.endsWith('T')) return null
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  return (
    Number(days) * DAY +
    Number(hours) * HOUR +
    Number(minutes) * MINUTE +
    Number(seconds) * SECOND +
    Number(fraction.padEnd(3, '0'))
  )
}
