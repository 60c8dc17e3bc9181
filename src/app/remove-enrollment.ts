import type { Change } from '../domain/change/change.ts'
import type { Enrollment } from '../domain/enrollment/enrollment.ts'
import { type ChangeId, changeId, type EnrollmentId } from '../domain/identifiers.ts'
import type { RemovalWish } from '../ports/enrollment-lifecycle.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { liveSpanOf } from './live-certificates.ts'
import { requireEnrollment } from './read-enrollments.ts'
import { moveNote, retryingConflicts } from './record.ts'
import { startedChange } from './start-change.ts'
import { cancelPending, pendingChange } from './update-enrollment.ts'
import type { RemoveEnrollment } from './use-cases.ts'
import type { Caller } from './views.ts'
import { awaitRest } from './wait.ts'

/** CPS API: DELETE enrollments. Null: gone at once, since nothing was ever live. */
export async function removeEnrollment(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  input: RemoveEnrollment,
): Promise<ChangeId | null> {
  const running = await retryingConflicts(() => removeOnce(deps, caller, id, input))
  if (running !== null) await awaitRest(deps, running)
  return running
}

async function removeOnce(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  input: RemoveEnrollment,
): Promise<ChangeId | null> {
  const enrollment = await requireEnrollment(deps.store, caller, id)
  const [open = null] = await deps.store.read.changes.openOf([id])
  if (open?.action === 'removal') return open.id
  if (open !== null && !input.allowCancelPendingChanges) throw pendingChange()
  if (open !== null && isOnItsWayToProduction(open)) return wish(deps, caller, open, input)
  const live = (await deps.store.read.deployments.active(id)).length > 0
  const ids = live ? await deps.store.nextIds(['change']) : null
  return deps.store.transaction(async (tx) => {
    if (open !== null) await cancelPending(tx, deps, open)
    if (ids === null) {
      await tx.lifecycle.remove(id, deps.clocks.lifecycle.now())
      return null
    }
    const wanted = { ...input.schedule, createdBy: caller.clientName }
    return beginRemoval(tx, deps, enrollment, changeId(ids.change), wanted)
  })
}

const isOnItsWayToProduction = (open: Change): boolean =>
  open.status === 'deploy-cert-to-production' && open.state === 'running'

/** The push is not torn: the removal begins when it has ended or was rolled back (followUpWish). */
async function wish(
  deps: Dependencies,
  caller: Caller,
  open: Change,
  { schedule }: RemoveEnrollment,
): Promise<ChangeId> {
  await deps.store.read.lifecycle.wishRemoval(open.enrollmentId, {
    ...schedule,
    createdBy: caller.clientName,
  })
  await deps.store.read.wake(open.id)
  return open.id
}

async function beginRemoval(
  tx: Repositories,
  deps: Dependencies,
  enrollment: Enrollment,
  id: ChangeId,
  wanted: RemovalWish,
): Promise<ChangeId> {
  const change = startedChange(deps, {
    id,
    enrollment,
    action: 'removal',
    settings: enrollment.settings,
    schedule: wanted,
    stagingBypass: false,
    createdBy: wanted.createdBy,
    live: await liveSpanOf(deps, tx, enrollment.id),
  })
  await tx.changes.insert(change, moveNote(deps, change, 'started', true))
  await tx.lifecycle.wishRemoval(enrollment.id, null)
  return id
}

/** Called when a change has come to rest: a removal that waited for it begins now. */
export async function followUpWish(deps: Dependencies, change: Change): Promise<void> {
  const ended = change.state === 'completed' || change.state === 'cancelled' || change.state === 'error'
  if (!ended || (await deps.store.read.lifecycle.removalWish(change.enrollmentId)) === null) return
  await retryingConflicts(async () => {
    const [open = null] = await deps.store.read.changes.openOf([change.enrollmentId])
    if (open?.action === 'removal') return
    const { change: id } = await deps.store.nextIds(['change'])
    await deps.store.transaction(async (tx) => {
      const wanted = await tx.lifecycle.removalWish(change.enrollmentId)
      const enrollment = await tx.enrollments.find(change.accountId, change.enrollmentId)
      if (wanted === null || enrollment === null) return
      if (open !== null) await cancelPending(tx, deps, open)
      await beginRemoval(tx, deps, enrollment, changeId(id), wanted)
    })
  })
}
