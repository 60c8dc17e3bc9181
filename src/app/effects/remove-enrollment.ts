import { MINUTE, plus } from '../../domain/time.ts'
import type { Effect, EffectContext } from './outcome.ts'

/** How long an enrollment still answers after its first change was cancelled, lifecycle time (spec: behaviour C10). */
const STAYS_MS = 5 * MINUTE

/** After a cancelled first change a while later, unless somebody has begun another one. */
export const removeEnrollment: Effect = async (context) => {
  const { deps, change } = context
  const now = deps.clocks.lifecycle.now()
  const due = plus(change.enteredAt, STAYS_MS)
  if (now < due) return { kind: 'later', at: due }
  if (await isInUse(context)) return { kind: 'done' }
  return { kind: 'done', write: (tx) => tx.lifecycle.remove(change.enrollmentId, now) }
}

async function isInUse({ locked, change }: EffectContext): Promise<boolean> {
  const open = await locked.read.changes.openOf([change.enrollmentId])
  return open.length > 0 || (await locked.read.lifecycle.settled(change.enrollmentId)) !== null
}
