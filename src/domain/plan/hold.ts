import type { Conflict, RenewalMoments } from './renewal-moments.ts'
import { DAY, type Instant, plus, toWireTime } from '../time.ts'

/** What keeps a change from a network until a person ends it. */
export interface Hold {
  readonly kind: 'pause' | 'pin'
  /** A sentence: what, by whom, why, and what ends it. */
  readonly text: string
}

/**
 * A held change looks again at the last safe moment, and then once a day: not to go on, since a person has said that it shall not, but so that nobody can say
 * he was not told. Null `lastSafe`: nothing of it is live.
 */
export const nextLook = (now: Instant, lastSafe: Instant | null): Instant =>
  lastSafe !== null && lastSafe > now ? lastSafe : plus(now, DAY)

/** Null: what is live is safe for now. */
export function heldPastSafe(
  holds: readonly Hold[],
  now: Instant,
  live: { readonly lastSafe: Instant; readonly expires: Instant } | null,
): string | null {
  if (holds.length === 0 || live === null || now < live.lastSafe) return null
  const ends =
    live.expires > now
      ? `What production serves expires at ${toWireTime(live.expires)}`
      : `What production serves expired at ${toWireTime(live.expires)}`
  return `${ends}, and nothing newer may reach it. ${holds.map(({ text }) => text).join(' ')}`
}

/** As soon as a renewal should have begun, what would keep it from production is said aloud. */
export function conflictOfHolds(
  holds: readonly Hold[],
  moments: Pick<RenewalMoments, 'begin' | 'lastSafe'> & { readonly expires: Instant },
  now: Instant,
): readonly Conflict[] {
  if (holds.length === 0 || now < moments.begin.at) return []
  const reaches = holds.some(({ kind }) => kind === 'pause')
    ? 'nothing newer may reach it'
    : 'nothing newer reaches it before that'
  const safe = `What production serves is safe until ${toWireTime(moments.lastSafe)} and expires at ${toWireTime(moments.expires)}; ${reaches}.`
  const text = `${safe} ${holds.map((hold) => hold.text).join(' ')}`
  return [{ code: 'held-back', text, until: moments.lastSafe }]
}
