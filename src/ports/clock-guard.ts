import type { Instant } from '../domain/time.ts'

/** How the clock of one process stands to the database's. */
export interface ClockCheck {
  /** Which installation on the database it is. */
  readonly instance: string
  /** Ahead of the database's clock at the last look. */
  readonly differenceMs: number
  /** Since when it is stopped (real clock); null: it is not. */
  readonly stoppedSince: Instant | null
  readonly reason: string | null
}

/**
 * Live mode: a clock that moved by itself makes everything due, or nothing ever. While it is stopped this process begins and carries nothing, so that no
 * moment is written by a clock that nobody trusts; that it came back by itself ends nothing, only somebody's confirmation does.
 */
export interface ClockGuard {
  /** Looks again where the last look is more than a few seconds old. */
  isStopped(): Promise<boolean>
  /** Of all processes on the database, by name. */
  checks(): Promise<readonly ClockCheck[]>
  /** The clocks are right as they are now, those of all processes. Each goes on within seconds. */
  confirm(): Promise<void>
}
