import type { Instant } from '../domain/time.ts'

/** Reads one clock. Never goes backwards within a process; costs no I/O. */
export interface Clock {
  now(): Instant
}

/**
 * Two clocks, never mixed (docs/adr/0003-two-clocks.md). `lifecycle` can be turned in the sandbox and rules
 * validity, renewal, deadlines, schedules, history and CRLs. `real` rules what faces clients now: EdgeGrid
 * timestamps and nonces, sessions, rate limits, and everything that the service CA signs.
 */
export interface Clocks {
  readonly lifecycle: Clock
  readonly real: Clock
}
