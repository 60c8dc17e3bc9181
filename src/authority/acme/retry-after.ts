import { type Instant, instant, plus, SECOND } from '../../domain/time.ts'
import type { AcmeResponse } from './send.ts'

/** Nobody waits longer at a CA's word: a slip of it must not put a change to sleep for good. */
const LONGEST_WAIT_MS = 24 * 3_600 * SECOND

/** RFC 9110 section 10.2.3: seconds, or a date. Null when absent or neither. Never in the past. */
export function retryAfter(response: Pick<AcmeResponse, 'header'>, now: Instant): Instant | null {
  const value = response.header('retry-after')?.trim()
  if (value === undefined || value === '') return null
  const at = /^\d{1,9}$/.test(value) ? plus(now, Number(value) * SECOND) : Date.parse(value)
  if (Number.isNaN(at)) return null
  return instant(Math.min(Math.max(at, now), now + LONGEST_WAIT_MS))
}

export function retryAfterSeconds(response: Pick<AcmeResponse, 'header'>, now: Instant): number | null {
  const at = retryAfter(response, now)
  return at === null ? null : Math.ceil((at - now) / SECOND)
}
