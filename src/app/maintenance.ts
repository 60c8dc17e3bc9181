import type { EnrollmentId } from '../domain/identifiers.ts'
import type { Maintenance } from '../domain/plan/maintenance.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { renewalConflicts } from './conflicts.ts'
import { momentsOf } from './plan.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { Caller } from './views.ts'

/** Own API: windows and freezes of the account. Every planned renewal gets its moment anew, one that waits for a window waits for those of now, and what finds none in time is told at once. */
export async function setMaintenance(
  deps: Dependencies,
  caller: Caller,
  maintenance: Maintenance,
): ReturnType<typeof renewalConflicts> {
  const { store, clocks } = deps
  await store.transaction(async (tx) => {
    await tx.maintenances.put(caller.accountId, maintenance, clocks.lifecycle.now())
    await replanAll(deps, tx, caller)
    const waiting = await tx.changes.releaseFromWindows(caller.accountId, clocks.lifecycle.now())
    for (const id of waiting) await tx.wake(id)
  })
  return renewalConflicts(deps, caller)
}

async function replanAll(deps: Dependencies, tx: Repositories, { accountId }: Caller): Promise<void> {
  for (const id of await tx.renewals.plannedOf(accountId)) {
    const enrollment = await tx.enrollments.find(accountId, id)
    const moments = enrollment === null ? null : await momentsOf(deps, tx, enrollment)
    if (moments !== null) await tx.renewals.replan(id, moments.begin.at)
  }
}

/** Own API: for who pins keys. Holds from the next renewal on. */
export async function setKeepKey(
  { store }: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  keepKey: boolean,
): Promise<void> {
  await requireEnrollment(store, caller, id)
  await store.transaction((tx) => tx.renewals.keepKey(id, keepKey))
}
