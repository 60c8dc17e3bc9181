import { Cron } from 'croner'
import { type Instant, instant, plus, SECOND, toWireTime } from '../time.ts'

/** Why this is no cron expression of five fields or no time zone of the IANA database; null: it is one that fires now and then. */
export function cronFault(expression: string, timeZone: string): string | null {
  if (expression.trim().split(/\s+/).length !== 5)
    return 'must have five fields: minute, hour, day of month, month, day of week'
  try {
    return cronOf(expression, timeZone).nextRun('2026-01-01T00:00:00Z') === null ? 'never comes' : null
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^\w*Error: /, '') : 'cannot be read'
  }
}

/** The first time after `at`; null: never again. */
export const firesAfter = (expression: string, timeZone: string, at: Instant): Instant | null =>
  momentOf(cronOf(expression, timeZone).nextRun(toWireTime(at)))

/** The last time up to `at`, itself included; null: never before. */
export const firedUpTo = (expression: string, timeZone: string, at: Instant): Instant | null =>
  momentOf(cronOf(expression, timeZone).previousRuns(1, toWireTime(plus(at, SECOND)))[0])

/** Paused: nothing of ours is called by it, and no timer runs. */
const cronOf = (expression: string, timeZone: string): Cron =>
  new Cron(expression, { timezone: timeZone, paused: true })

const momentOf = (fires: { getTime(): number } | null | undefined): Instant | null =>
  fires === null || fires === undefined ? null : instant(fires.getTime())
