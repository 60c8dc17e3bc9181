import { type Instant, MINUTE } from '../time.ts'

/** Well above what NTP leaves and a slow answer adds, well below what a lifetime or a deadline minds. */
export const MOST_MOVED_MS = 5 * MINUTE

export interface ClockReading {
  /** This machine's clock. */
  readonly real: Instant
  /** The database's at the same moment. */
  readonly database: Instant
  /** The difference that somebody has confirmed; 0: they should be equal. */
  readonly confirmedMs: number
  /** The latest that was ever seen on this clock; null: nothing is known. */
  readonly seenAt: Instant | null
}

/**
 * Why this clock cannot be trusted, in words; null: it can. A machine that slept, or a change to daylight saving time, moves both clocks, or neither, and is none. A clock
 * that the database shares and that goes forwards by itself cannot be told from sleep.
 */
export function clockFault({ real, database, confirmedMs, seenAt }: ClockReading): string | null {
  const moved = real - database - confirmedMs
  if (Math.abs(moved) > MOST_MOVED_MS)
    return `The clock of this process is ${minutes(moved)} ${moved > 0 ? 'ahead of' : 'behind'} where it stood against the database's.`
  if (seenAt !== null && seenAt - real > MOST_MOVED_MS)
    return `The clock of this process has gone back by ${minutes(seenAt - real)}.`
  return null
}

const minutes = (milliseconds: number): string => `${Math.round(Math.abs(milliseconds) / MINUTE)} minutes`
