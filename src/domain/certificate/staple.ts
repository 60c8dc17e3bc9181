import { type Instant, instant, MINUTE } from '../time.ts'

/** What a responder said of a certificate (RFC 6960), signature and subject checked. */
export interface StapleAnswer {
  readonly status: 'good' | 'revoked' | 'unknown'
  readonly thisUpdate: Instant
  /** Null: it says of itself that it may be replaced at any time. */
  readonly nextUpdate: Instant | null
}

/** A responder's clock may go before ours. */
const CLOCK_SKEW_MS = 5 * MINUTE
const SOONEST_MS = 5 * MINUTE
const RETRIES_MS = [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE] as const

/** Only good news is shown, and only while it lasts: a client that gets a bad staple gives up, one that gets none goes on (RFC 6066 section 8). */
export const mayBeStapled = ({ status, thisUpdate, nextUpdate }: StapleAnswer, now: Instant): boolean =>
  status === 'good' && thisUpdate <= now + CLOCK_SKEW_MS && nextUpdate !== null && now < nextUpdate

/** Halfway through an answer's life, so that a responder may be away for the other half. */
export function nextAskAfter({ thisUpdate, nextUpdate }: StapleAnswer, now: Instant): Instant {
  const half = nextUpdate === null ? 0 : thisUpdate + (nextUpdate - thisUpdate) / 2
  return instant(Math.max(now + SOONEST_MS, Math.floor(half)))
}

/** `failures`: in a row, this one included. */
export const askAgainAfter = (failures: number, now: Instant): Instant =>
  instant(now + (RETRIES_MS[Math.min(failures, RETRIES_MS.length) - 1] ?? SOONEST_MS))
