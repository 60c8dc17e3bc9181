import type { Instant } from '../time.ts'
import { plus } from '../time.ts'
import type { ValidationPolicy } from '../validation/policy.ts'
import type { Change } from './change.ts'

type Waiting = Pick<Change, 'action' | 'enteredAt' | 'progress'>

/**
 * From when on our own edges answer for the names of a change though nobody acknowledged its challenges: when the dwell is over, where there is one; and for a
 * renewal of what is live at its last safe moment, since nobody asked for it by hand, and nobody may know of it. Null: somebody else places the values.
 */
export function answersAt(
  { action, enteredAt, progress }: Waiting,
  policy: ValidationPolicy,
): Instant | null {
  if (policy.triggers.includes('dwell')) return plus(enteredAt, policy.dwellMs)
  if (policy.publishes !== 'on-trigger' || action !== 'renewal') return null
  return progress.live?.lastSafe ?? null
}
