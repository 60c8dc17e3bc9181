import { conflictsOf } from '../../domain/plan/conflicts.ts'
import { conflictsToTell, nextPlanLook } from '../../domain/plan/plan-look.ts'
import { newsOfConflicts } from '../../domain/plan/told-conflicts.ts'
import type { AccountId, EnrollmentId } from '../../domain/identifiers.ts'
import type { Repositories } from '../../ports/store.ts'
import { factsOf } from '../conflicts.ts'
import type { Dependencies } from '../dependencies.ts'

type Wanted = Pick<Dependencies, 'store' | 'clocks' | 'renewalLeadDays'>

const AT_ONCE = 200

/**
 * Looks at the plans whose time has come, and tells which conflicts are new or worse; says how many were looked at. What was told is kept in the transaction that
 * tells it, with the enrollment locked: however many processes look, and whoever is killed, it is told once.
 */
export async function tellConflicts(deps: Wanted): Promise<number> {
  let looked = 0
  for (const { id, accountId } of await deps.store.read.planLooks.due(deps.clocks.lifecycle.now(), AT_ONCE))
    if (await deps.store.transaction((tx) => lookAtPlan(deps, tx, accountId, id))) looked += 1
  return looked
}

async function lookAtPlan(
  deps: Wanted,
  tx: Repositories,
  accountId: AccountId,
  id: EnrollmentId,
): Promise<boolean> {
  if (!(await tx.planLooks.take(id))) return false
  const enrollment = await tx.enrollments.find(accountId, id)
  const [open] = await tx.changes.openOf([id])
  const facts = enrollment === null ? null : await factsOf(deps, tx, enrollment, open)
  const seen = open === undefined ? null : { id: open.id, revision: open.revision }
  if (enrollment === null || facts === null) {
    await tx.planLooks.looked(id, seen, null)
    return true
  }
  const conflicts = conflictsOf(facts)
  const maintenance = await tx.maintenances.of(accountId)
  const subject = { name: enrollment.settings.csr.cn, enrollmentId: id, changeId: seen?.id ?? null }
  const { tell, told, resolved } = newsOfConflicts(
    await tx.planLooks.told(id),
    subject,
    conflictsToTell(facts, maintenance, conflicts),
    facts.now,
  )
  if (resolved.length > 0)
    await tx.notices.dropTexts(
      id,
      resolved.map(({ text }) => text),
      facts.now,
    )
  await tx.notices.add(
    tell.map(({ text, changeId }) => ({
      accountId,
      enrollmentId: id,
      changeId,
      occasion: 'conflict',
      text,
      dueAt: facts.now,
    })),
  )
  if (tell.length + told.length + resolved.length > 0) await tx.planLooks.keepTold(id, told)
  await tx.planLooks.looked(id, seen, nextPlanLook(facts, maintenance, conflicts))
  return true
}
