import type { Change, ChangeProgress } from '../domain/change/change.ts'
import { move } from '../domain/change/move.ts'
import { isOpen } from '../domain/change/vocabulary.ts'
import { nextWake } from '../domain/change/wake.ts'
import { Problem } from '../errors/problem.ts'
import type { Dependencies } from './dependencies.ts'
import { requireChange } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import type { ChangeReference } from './use-cases.ts'
import type { Caller, DeploymentSchedule } from './views.ts'
import { awaitRest } from './wait.ts'

/** CPS API: DeploymentSchedule. */
export async function getDeploymentSchedule(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
): Promise<DeploymentSchedule> {
  const { notBefore, notAfter } = await requireChange(deps.store, caller, ref)
  return { notBefore, notAfter }
}

/** A change that waits for its date, or has missed it, is judged anew at once; any other meets the new dates when it comes to them. */
export async function setDeploymentSchedule(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  schedule: DeploymentSchedule,
): Promise<void> {
  await retryingConflicts(async () => {
    const change = await requireChange(deps.store, caller, ref)
    if (!isOpen(change)) throw new Problem('not-found')
    const next = rescheduled(deps, { ...change, ...schedule, progress: withoutHold(change) })
    if (!(await deps.store.read.changes.record(next, moveNote(deps, next, 'rescheduled', true))))
      throw new Conflict()
  })
  await awaitRest(deps, ref.changeId)
}

/** Somebody has said when: the windows of the account bind only what nobody asks for by hand. */
function withoutHold({ progress: { heldUntil: _, ...progress } }: Change): ChangeProgress {
  return progress
}

function rescheduled(deps: Dependencies, change: Change): Change {
  const at = { now: deps.clocks.lifecycle.now(), policy: deps.validationPolicy }
  const next = move(change, 'rescheduled', at)
  if (next.ok) return next.change
  return {
    ...change,
    updatedAt: at.now,
    nextAt: change.effects.length > 0 ? change.nextAt : nextWake(change, at.policy, at.now),
  }
}
