import { DAY, HOUR, type Instant, plus } from '../../../src/domain/time.ts'
import type { Draws } from './seeded.ts'

/** From when until when something of the outside does not work as it should. */
export interface Trouble {
  readonly from: Instant
  readonly until: Instant
}

export interface TroubleOptions {
  readonly begins: Instant
  readonly days: number
  /** At most so many in a hundred days. */
  readonly often: number
  readonly longestMs: number
}

/** Drawn once for a life. */
export function drawTroubles(
  draws: Draws,
  { begins, days, often, longestMs }: TroubleOptions,
): readonly Trouble[] {
  const count = draws.below(Math.ceil((often * days) / 100) + 1)
  return Array.from({ length: count }, () => {
    const from = plus(begins, draws.below(days) * DAY + draws.below(DAY))
    return { from, until: plus(from, Math.floor(draws.share() * longestMs)) }
  })
}

export const isIn = (troubles: readonly Trouble[], at: Instant): boolean =>
  troubles.some(({ from, until }) => from <= at && at < until)

/**
 * Whether the outside worked for so long without a break, between two moments, that a renewal gets through: what failed before waits at most an eighth of what
 * is left (an hour and a half near the end, docs/lifecycle.md), and a slow CA takes two hours.
 */
export function hadTime(troubles: readonly Trouble[], from: Instant, until: Instant): boolean {
  const begins = [from, ...troubles.map((one) => one.until)].filter((at) => from <= at && at < until)
  return begins.some((at) => {
    const next = Math.min(until, ...troubles.map((one) => one.from).filter((begin) => begin >= at))
    return !isIn(troubles, at) && next - at > (until - at) / 5 + 6 * HOUR
  })
}
