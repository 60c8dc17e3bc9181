import type { PauseRecord, PauseScope } from '../ports/pauses.ts'
import { requireInstallationOperator } from './accounts.ts'
import type { Dependencies } from './dependencies.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { PauseWish } from './use-cases.ts'
import type { Caller } from './views.ts'

/** Own API: nothing new reaches what it covers; certificates are issued all the same. What has begun on a network is finished. Idempotent. */
export async function pauseDeployments(
  deps: Dependencies,
  caller: Caller,
  wish: PauseWish & { readonly reason: string },
): Promise<readonly PauseRecord[]> {
  const scope = await scopeOf(deps, caller, wish)
  await deps.store.transaction((tx) =>
    tx.pauses.put({
      ...scope,
      reason: wish.reason,
      pausedBy: caller.clientId,
      pausedAt: deps.clocks.lifecycle.now(),
    }),
  )
  return listPauses(deps, caller)
}

/** What waited goes on at once, as far as no other pause covers it. Idempotent. */
export async function resumeDeployments(
  deps: Dependencies,
  caller: Caller,
  wish: PauseWish,
): Promise<readonly PauseRecord[]> {
  const scope = await scopeOf(deps, caller, wish)
  await deps.store.transaction(async (tx) => {
    await tx.pauses.remove(scope)
    for (const id of await tx.changes.release(scope, deps.clocks.lifecycle.now())) await tx.wake(id)
  })
  return listPauses(deps, caller)
}

export const listPauses = ({ store }: Dependencies, caller: Caller): Promise<readonly PauseRecord[]> =>
  store.read.pauses.concerning(caller.accountId)

async function scopeOf(deps: Dependencies, caller: Caller, { of, network }: PauseWish): Promise<PauseScope> {
  if (of === 'installation') {
    requireInstallationOperator(deps, caller)
    return { accountId: null, enrollmentId: null, network }
  }
  const { accountId } = caller
  if (of === 'account') return { accountId, enrollmentId: null, network }
  const { id } = await requireEnrollment(deps.store, caller, of)
  return { accountId, enrollmentId: id, network }
}
