import type { Change } from '../domain/change/change.ts'
import type { Enrollment } from '../domain/enrollment/enrollment.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import { conflictsOf, type PlanFacts } from '../domain/plan/conflicts.ts'
import type { Conflict } from '../domain/plan/renewal-moments.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { allHoldsOf } from './holds.ts'
import { momentsOf, planFacts } from './plan.ts'
import type { Caller } from './views.ts'

type Wanted = Pick<Dependencies, 'clocks' | 'renewalLeadDays'>

/** Null: nothing is live, so nothing can be in the way of its renewal. */
export async function factsOf(
  deps: Wanted,
  read: Repositories,
  enrollment: Enrollment,
  open: Change | undefined,
): Promise<PlanFacts | null> {
  const { id: enrollmentId, accountId } = enrollment
  const moments = await momentsOf(deps, read, enrollment)
  if (moments === null) return null
  const plan = await read.renewals.planOf(enrollmentId)
  const holds = await allHoldsOf(read, { accountId, enrollmentId }, deps.clocks.lifecycle.now())
  const names = await read.nameStandings.of(enrollmentId)
  return planFacts(deps, { open, plan, moments, holds, names })
}

/** Own API: every enrollment of the account whose renewal something stands in the way of. */
export async function renewalConflicts(
  deps: Wanted & Pick<Dependencies, 'store'>,
  caller: Caller,
): Promise<readonly (Conflict & { readonly enrollmentId: EnrollmentId })[]> {
  const { read } = deps.store
  const found: (Conflict & { readonly enrollmentId: EnrollmentId })[] = []
  const enrollments = await read.enrollments.list(caller.accountId, null)
  const open = new Map(
    (await read.changes.openOf(enrollments.map(({ id }) => id))).map((change) => [
      change.enrollmentId,
      change,
    ]),
  )
  for (const enrollment of enrollments) {
    const { id: enrollmentId } = enrollment
    const facts = await factsOf(deps, read, enrollment, open.get(enrollmentId))
    if (facts !== null) found.push(...conflictsOf(facts).map((conflict) => ({ ...conflict, enrollmentId })))
  }
  return found
}
