import type { Change } from '../domain/change/change.ts'
import { OWED_EFFECTS } from '../domain/change/effects.ts'
import type { ChangeEvent } from '../domain/change/events.ts'
import { move } from '../domain/change/move.ts'
import { Problem } from '../errors/problem.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { requireChange } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import type { ChangeReference } from './use-cases.ts'
import type { Caller } from './views.ts'
import { renewAgainLater } from './renewals.ts'
import { awaitRest } from './wait.ts'

/** CPS API: DELETE change. An ended change is not pending any more, so it is not found (spec: behaviour C10). */
export async function cancelChange(deps: Dependencies, caller: Caller, ref: ChangeReference): Promise<void> {
  await retryingConflicts(async () => {
    const change = await requireChange(deps.store, caller, ref)
    await deps.store.transaction((tx) => endWithoutEffect(tx, deps, change, 'cancelled'))
  })
  await awaitRest(deps, ref.changeId)
}

/**
 * Ends a change by cancelling or denying it, in the caller's transaction. What is live stays; what the enrollment shows goes back to what is settled. Clean-ups
 * follow as effects; a first change that ends so takes its enrollment with it a while later (effects/remove-enrollment.ts).
 */
export async function endWithoutEffect(
  tx: Repositories,
  deps: Dependencies,
  change: Change,
  event: Extract<ChangeEvent, 'cancelled' | 'denied'>,
): Promise<Change> {
  const ended = await endChange(tx, deps, change, event)
  await showSettled(tx, change)
  return ended
}

/** The change alone, for whoever stores other settings in the same transaction. */
export async function endChange(
  tx: Repositories,
  deps: Dependencies,
  change: Change,
  event: Extract<ChangeEvent, 'cancelled' | 'denied'>,
): Promise<Change> {
  if (change.effects.some((effect) => OWED_EFFECTS.includes(effect)))
    throw new Problem('cannot-cancel', {
      detail:
        'Network settings, or a generation that was gone back to, are on their way to the production network.',
    })
  const ended = move(change, event, { now: deps.clocks.lifecycle.now(), policy: deps.validationPolicy })
  if (!ended.ok)
    throw new Problem(ended.code === 'cannot-cancel' ? 'cannot-cancel' : 'not-found', {
      detail: ended.reason,
    })
  const settled = await tx.lifecycle.settled(change.enrollmentId)
  const takesEnrollmentAlong = settled === null && change.action === 'new-certificate'
  const last = takesEnrollmentAlong ? withRemoval(ended.change) : ended.change
  if (!(await tx.changes.record(last, moveNote(deps, last, event, true)))) throw new Conflict()
  await renewAgainLater(tx, deps, change)
  return last
}

const withRemoval = (change: Change): Change => ({
  ...change,
  effects: [...change.effects, 'remove-enrollment'],
  nextAt: change.nextAt ?? change.updatedAt,
})

export async function showSettled(tx: Repositories, change: Change): Promise<void> {
  const settled = await tx.lifecycle.settled(change.enrollmentId)
  if (settled === null) return
  const enrollment = await tx.enrollments.find(change.accountId, change.enrollmentId)
  if (enrollment !== null && !(await tx.enrollments.save({ ...enrollment, settings: settled })))
    throw new Conflict()
}
