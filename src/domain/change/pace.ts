import type { Instant } from '../time.ts'
import { plus } from '../time.ts'
import type { Change } from './change.ts'
import { STATUSES } from './statuses.ts'
import { CHANGE_STATUSES, type ChangeStatus } from './vocabulary.ts'

/** How long steps take at least, lifecycle time; one that is not named takes none. */
export type Pace = Readonly<Partial<Record<ChangeStatus, number>>>

/** Those that Certrail works at, and that therefore can have a pace. */
export const PACED_STATUSES: readonly ChangeStatus[] = CHANGE_STATUSES.filter(
  (status) => STATUSES[status].effect !== null,
)

export const isInstant = (pace: Pace): boolean =>
  Object.values(pace).every((milliseconds) => milliseconds === 0)

/**
 * When the work of the step that the change is in begins: that leaves the status readable for so long, as at the original. What an input asked for, a clean-up and
 * a step that is tried again begin at once.
 */
export function beginOfWork(change: Change, pace: Pace, now: Instant): Instant {
  if (change.state !== 'running' || change.progress.attempts > 0) return now
  const begin = plus(change.enteredAt, pace[change.status] ?? 0)
  return begin > now ? begin : now
}
