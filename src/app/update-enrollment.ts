import type { Change } from '../domain/change/change.ts'
import { classify, immutableDifferences } from '../domain/change/classify.ts'
import type { ChangeAction } from '../domain/change/vocabulary.ts'
import type { Enrollment, EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import { requestedNames } from '../domain/enrollment/served-names.ts'
import { type ChangeId, changeId, type EnrollmentId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import type { Repositories } from '../ports/store.ts'
import { endChange, endWithoutEffect } from './cancel-change.ts'
import { requireFreeNames } from './create-enrollment.ts'
import type { Dependencies } from './dependencies.ts'
import { liveSpanOf } from './live-certificates.ts'
import { requireRoomForChange } from './quotas.ts'
import { requireEnrollment } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import { rewriteOpen, takesOnItsWay } from './rewrite-open-change.ts'
import { startedChange } from './start-change.ts'
import type { UpdateEnrollment } from './use-cases.ts'
import type { Caller } from './views.ts'
import { requireKnownOrganization } from './vetting.ts'
import { awaitRest } from './wait.ts'

/** CPS API: PUT enrollments. Null: stored, and nothing has to be issued or deployed (spec: behaviour C5). */
export async function updateEnrollment(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  input: UpdateEnrollment,
): Promise<ChangeId | null> {
  const started = await retryingConflicts(() => updateOnce(deps, caller, id, input))
  if (started !== null) await awaitRest(deps, started)
  return started
}

async function updateOnce(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  input: UpdateEnrollment,
): Promise<ChangeId | null> {
  const enrollment = await requireEnrollment(deps.store, caller, id)
  const settings = input.settings(enrollment.settings)
  refuseImmutable(enrollment.settings, settings)
  await requireKnownOrganization(deps, caller, settings.orgId)
  const [open = null] = await deps.store.read.changes.openOf([id])
  if (open !== null && !input.allowCancelPendingChanges) {
    if (!(await takesOnItsWay(deps.store.read, open, settings, input))) throw pendingChange()
    return rewriteOpen(deps, enrollment, open, settings)
  }
  const action = await actionOf(deps, enrollment, settings, input)
  refuseInRenewalWindow(deps, enrollment, action, input)
  const ids = action === null ? null : await deps.store.nextIds(['change'])
  return deps.store.transaction(async (tx) => {
    // Also where nothing has to be started: what is pending would bring at its end what this update takes back.
    if (open !== null) await cancelPending(tx, deps, open, endChange)
    await storeSettings(tx, enrollment, settings, action === null)
    if (action === null || ids === null) return null
    await requireRoomForChange(tx, deps, caller.accountId)
    const change = startedChange(deps, {
      id: changeId(ids.change),
      enrollment,
      action,
      settings,
      schedule: input.schedule,
      stagingBypass: input.allowStagingBypass,
      createdBy: caller.clientName,
      live: await liveSpanOf(deps, tx, id),
    })
    await tx.changes.insert(change, moveNote(deps, change, 'started', true))
    return change.id
  })
}

export const pendingChange = (): Problem =>
  new Problem('cannot-cancel-pending-change', { detail: 'There is a pending change on the enrollment.' })

/** The implied cancel keeps the enrollment, also one that was never live. A push to production is past that. */
export async function cancelPending(
  tx: Repositories,
  deps: Dependencies,
  open: Change,
  end: typeof endChange = endWithoutEffect,
): Promise<void> {
  try {
    const ended = await end(tx, deps, open, 'cancelled')
    const effects = ended.effects.filter((effect) => effect !== 'remove-enrollment')
    if (effects.length < ended.effects.length)
      await tx.changes.save({ ...ended, effects, revision: ended.revision + 1 })
  } catch (error) {
    if (error instanceof Problem && error.code === 'cannot-cancel') throw pendingChange()
    throw error
  }
}

function refuseImmutable(before: EnrollmentSettings, after: EnrollmentSettings): void {
  const pointers = immutableDifferences(before, after)
  if (pointers.length === 0) return
  throw new Problem('validation-error', {
    detail: 'Members were changed that are fixed when an enrollment is created.',
    errors: pointers.map((field) => ({ field, detail: 'cannot be changed after creation' })),
  })
}

/** Held against what is settled: until something is live every update still has to bring the first certificate. */
async function actionOf(
  deps: Dependencies,
  { id }: Enrollment,
  settings: EnrollmentSettings,
  input: UpdateEnrollment,
): Promise<ChangeAction | null> {
  const { lifecycle, deployments } = deps.store.read
  const live = (await deployments.active(id)).find(({ network }) => network === 'production')
  const lacksOne = live !== undefined && live.certificateIds.length < 2
  return classify(await lifecycle.settled(id), settings, {
    forceRenewal: input.forceRenewal,
    allowMissingCertificateAddition: input.allowMissingCertificateAddition && lacksOne,
  })
}

/** Inside its renewal window a certificate is about to be replaced anyway; the renewal itself goes on (spec: behaviour G1). */
function refuseInRenewalWindow(
  deps: Dependencies,
  { autoRenewalStartTime }: Enrollment,
  action: ChangeAction | null,
  { renewalDateCheckOverride }: UpdateEnrollment,
): void {
  const issuesAnew = action === 'modify-san' || action === 'modify-certificate'
  const inWindow = autoRenewalStartTime !== null && autoRenewalStartTime <= deps.clocks.lifecycle.now()
  if (!issuesAnew || !inWindow || renewalDateCheckOverride) return
  throw new Problem('renewal-window', {
    detail:
      'The certificate is inside its automatic renewal window; renewal-date-check-override=true starts the change all the same.',
  })
}

/** By compare-and-swap with what the whole update was judged by: other settings, or a change that has completed meanwhile, mean that it is judged anew. */
async function storeSettings(
  tx: Repositories,
  enrollment: Enrollment,
  settings: EnrollmentSettings,
  settlesAtOnce: boolean,
): Promise<void> {
  const { id, accountId } = enrollment
  const names = requestedNames(settings)
  await requireFreeNames(tx, { accountId }, names)
  await tx.enrollments.recordNames(accountId, id, names)
  if (!(await tx.enrollments.save({ ...enrollment, settings }))) throw new Conflict()
  if (settlesAtOnce) await tx.lifecycle.settle(id, settings)
}
