import type { Change } from '../domain/change/change.ts'
import { classify } from '../domain/change/classify.ts'
import { differInNetworkAtMost, takesOtherSettings } from '../domain/change/rewrite.ts'
import type { Enrollment, EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { ChangeId } from '../domain/identifiers.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { Conflict, moveNote } from './record.ts'
import type { UpdateEnrollment } from './use-cases.ts'

/** Whether an update is one of network settings that the open change can take up: asked for by `allow-staging-bypass`, and nothing of it is on staging. */
export async function takesOnItsWay(
  read: Repositories,
  open: Change,
  settings: EnrollmentSettings,
  { allowStagingBypass, forceRenewal, schedule }: UpdateEnrollment,
): Promise<boolean> {
  const asksForMore = forceRenewal || schedule.notBefore !== null || schedule.notAfter !== null
  if (!allowStagingBypass || asksForMore || !takesOtherSettings(open)) return false
  return (
    differInNetworkAtMost(open.settings, settings) &&
    (await read.deployments.find(open.id, 'staging')) === null
  )
}

/**
 * CPS API: PUT enrollments, `allow-staging-bypass` while a change is open: what is live gets the network settings past staging, and the change that is open
 * is updated with the same. Nothing else of that change moves.
 */
export async function rewriteOpen(
  deps: Dependencies,
  enrollment: Enrollment,
  open: Change,
  settings: EnrollmentSettings,
): Promise<ChangeId> {
  const now = deps.clocks.lifecycle.now()
  await deps.store.transaction(async (tx) => {
    if (!(await tx.enrollments.save({ ...enrollment, settings }))) throw new Conflict()
    const settled = await tx.lifecycle.settled(enrollment.id)
    const next = settled && { ...settled, networkConfiguration: settings.networkConfiguration }
    const isPushed = next !== null && classify(settled, next, { forceRenewal: false }) !== null
    if (isPushed) await tx.lifecycle.settle(enrollment.id, next)
    const rewritten = { ...open, settings, updatedAt: now, ...(isPushed && withPush(open, now)) }
    if (!(await tx.changes.record(rewritten, moveNote(deps, rewritten, 'settings-rewritten', isPushed))))
      throw new Conflict()
  })
  return open.id
}

const withPush = ({ effects }: Change, now: Change['updatedAt']): Pick<Change, 'effects' | 'nextAt'> => ({
  effects: ['push-settings', ...effects.filter((effect) => effect !== 'push-settings')],
  nextAt: now,
})
