import type { Instant } from '../time.ts'
import type { PlanFacts } from './conflicts.ts'
import { closesAfter, isOpenAt, lastOpening, type Maintenance } from './maintenance.ts'
import type { Conflict } from './renewal-moments.ts'
import { nearAt } from './told-conflicts.ts'

/**
 * When a plan can have another conflict by the mere passing of time: at its own moments, and when the last window before the last safe moment closes. Whatever else
 * alters it is known by what is stored. Null: no more.
 */
export function nextPlanLook(
  { moments: { begin, lastSafe, expires }, planned, now }: PlanFacts,
  maintenance: Maintenance,
  conflicts: readonly Conflict[],
): Instant | null {
  const own = [planned, begin.at, lastSafe, expires]
  const last = lastOpening(maintenance, now, lastSafe)
  const lastWindow = last !== null && last > now ? last : closesAfter(maintenance, now)
  const worse = conflicts.flatMap((conflict) => [nearAt(conflict), conflict.until])
  const ahead = [...own, lastWindow, ...worse]
    .filter((at) => at !== null)
    .map(Math.ceil)
    .filter((at) => at > now)
  return ahead.length === 0 ? null : (Math.min(...ahead) as Instant)
}

/**
 * Those that are told as conflicts. That no window opens in time any more is told when the last one closes, since what was planned in it may be under way. What a
 * person holds back is told by the change itself as soon as it stands before the hold (`held`), so a conflict is told only where it has not come there a day before it
 * would be too late. Lost names are told by the look that finds them (`validation-lost`).
 */
export const conflictsToTell = (
  { open, now }: PlanFacts,
  maintenance: Maintenance,
  conflicts: readonly Conflict[],
): readonly Conflict[] =>
  conflicts.filter((conflict) => {
    if (conflict.code === 'validation-lost') return false
    if (conflict.code === 'no-window-in-time') return !isOpenAt(maintenance, now)
    return conflict.code !== 'held-back' || (open?.progress.held !== true && now >= nearAt(conflict))
  })
