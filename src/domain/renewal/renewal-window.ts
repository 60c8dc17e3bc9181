import { HOUR, type Instant, later, plus } from '../time.ts'

/** RFC 9773 section 4.2: when the CA would like a certificate to be replaced. */
export interface RenewalWindow {
  readonly start: Instant
  readonly end: Instant
  readonly explanationUrl: string | null
}

/** A CA that wants each new certificate replaced at once, by mistake, must not be asked for one after the other. */
const NOT_AGAIN_WITHIN_MS = 6 * HOUR

/** The window as it is heeded. `renewedAt`: when the engine itself made what is live; null: somebody else did, and the CA is heeded at once. */
export function heededWindow(window: RenewalWindow, renewedAt: Instant | null): RenewalWindow {
  if (renewedAt === null) return window
  const earliest = plus(renewedAt, NOT_AGAIN_WITHIN_MS)
  return { ...window, start: later(window.start, earliest), end: later(window.end, earliest) }
}
