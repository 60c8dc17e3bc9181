import type { Enrollment } from '../domain/enrollment/enrollment.ts'
import type { ContractId, EnrollmentId } from '../domain/identifiers.ts'
import type { Change } from '../domain/change/change.ts'
import { Problem } from '../errors/problem.ts'
import type { ChangeOutline } from '../ports/changes.ts'
import type { Dependencies } from './dependencies.ts'
import type { ChangeReference } from './use-cases.ts'
import type { Caller, ChangeView, EnrollmentView } from './views.ts'

export async function listEnrollments(
  { store }: Dependencies,
  caller: Caller,
  contractId: ContractId | null,
): Promise<readonly EnrollmentView[]> {
  const enrollments = await store.read.enrollments.list(caller.accountId, contractId)
  const [open, live] = await Promise.all([
    store.read.changes.openOf(enrollments.map(({ id }) => id)),
    store.read.deployments.activeOfAccount(caller.accountId),
  ])
  const pending = new Map(open.map((change) => [change.enrollmentId, change]))
  const networks = new Set(live.map(({ enrollmentId, network }) => `${enrollmentId} ${network}`))
  return enrollments.map((enrollment) =>
    enrollmentView(enrollment, pending.get(enrollment.id) ?? null, {
      staging: networks.has(`${enrollment.id} staging`),
      production: networks.has(`${enrollment.id} production`),
    }),
  )
}

export async function getEnrollment(
  { store }: Dependencies,
  caller: Caller,
  id: EnrollmentId,
): Promise<EnrollmentView> {
  const enrollment = await requireEnrollment(store, caller, id)
  const [[open], active] = await Promise.all([
    store.read.changes.openOf([id]),
    store.read.deployments.active(id),
  ])
  const serves = (network: string) => active.some((deployment) => deployment.network === network)
  return enrollmentView(enrollment, open ?? null, {
    staging: serves('staging'),
    production: serves('production'),
  })
}

export async function requireEnrollment(
  store: Dependencies['store'],
  caller: Caller,
  id: EnrollmentId,
): Promise<Enrollment> {
  const enrollment = await store.read.enrollments.find(caller.accountId, id)
  if (enrollment === null) throw new Problem('not-found')
  return enrollment
}

export async function requireOutline(
  store: Dependencies['store'],
  caller: Caller,
  ref: ChangeReference,
): Promise<ChangeOutline> {
  const outline = await store.read.changes.outline(caller.accountId, ref.enrollmentId, ref.changeId)
  if (outline === null) throw new Problem('not-found')
  return outline
}

export async function requireChange(
  store: Dependencies['store'],
  caller: Caller,
  ref: ChangeReference,
): Promise<Change> {
  const change = await store.read.changes.find(caller.accountId, ref.enrollmentId, ref.changeId)
  if (change === null) throw new Problem('not-found')
  return change
}

export const changeView = (change: ChangeOutline): ChangeView => ({
  id: change.id,
  enrollmentId: change.enrollmentId,
  action: change.action,
  status: change.status,
  state: change.state,
  error: change.error,
  schedule: { notBefore: change.notBefore, notAfter: change.notAfter },
})

function enrollmentView(
  enrollment: Enrollment,
  open: Change | null,
  live: { readonly staging: boolean; readonly production: boolean },
): EnrollmentView {
  return {
    id: enrollment.id,
    contractId: enrollment.contractId,
    settings: enrollment.settings,
    assignedSlots: enrollment.assignedSlots,
    stagingSlots: live.staging ? enrollment.assignedSlots : [],
    productionSlots: live.production ? enrollment.assignedSlots : [],
    autoRenewalStartTime: enrollment.autoRenewalStartTime,
    pendingChanges: open === null ? [] : [{ changeId: open.id, action: open.action }],
  }
}
