import { nextRetryDelay } from '../../domain/change/retry.ts'
import { Problem } from '../../errors/problem.ts'
import type { EffectContext } from './outcome.ts'

/** Waits before each look at an edge, in milliseconds: an edge in this process has switched at once, another follows a notification. Together under four seconds. */
const WAITS_MS = [0, 20, 100, 400, 1_000, 2_000]
/** While the clock is turned each second of a wait is one that somebody sits through, once for every retry of days. */
const TURNED_WAITS_MS = WAITS_MS.slice(0, 4)

/**
 * How long an edge is looked at in this attempt. The first attempt and the one after which Certrail gives up have all the time that an edge needs; between
 * them, while the clock stands for being turned, less: an edge that is slower than that has those two.
 */
export async function waitsOf({ deps, change }: EffectContext): Promise<readonly number[]> {
  const { attempts } = change.progress
  if (attempts === 0 || nextRetryDelay(attempts + 1) === null) return WAITS_MS
  return (await deps.clockControl.target()) === null ? WAITS_MS : TURNED_WAITS_MS
}

/** Nobody listens there, and did not in the attempt before: that ends in the time of retries (RETRY_WAITS), not of looks. */
export const isStillAway = ({ change }: EffectContext, failure: unknown): boolean =>
  change.progress.attempts > 0 &&
  failure instanceof Problem &&
  AWAY.some((seen) => seen === failure.members['seen'])

export const AWAY = ['refused', 'timeout', 'no-address']
