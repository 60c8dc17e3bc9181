import type { Enrollment } from '../domain/enrollment/enrollment.ts'
import { requestedNames } from '../domain/enrollment/served-names.ts'
import { changeId, enrollmentId, isChosenId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { requireInterval, requireRoomForEnrollment } from './quotas.ts'
import { moveNote } from './record.ts'
import { startedChange } from './start-change.ts'
import type { ChangeReference, CreateEnrollment } from './use-cases.ts'
import type { Caller } from './views.ts'
import { requireKnownOrganization } from './vetting.ts'
import { awaitRest } from './wait.ts'

/** CPS API: POST enrollments. Enrollment, first change, its history and its wake-up are stored together or not at all. */
export async function createEnrollment(
  deps: Dependencies,
  caller: Caller,
  input: CreateEnrollment,
): Promise<ChangeReference> {
  await requireContract(deps, caller, input)
  await requireKnownOrganization(deps, caller, input.settings.orgId)
  const names = requestedNames(input.settings)
  const [commonName = ''] = names
  const ids = await deps.store.nextIds(['enrollment', 'change', 'slot'])
  const enrollment = newEnrollment(deps, caller, input, ids)
  const change = startedChange(deps, {
    id: changeId(ids.change),
    enrollment,
    action: 'new-certificate',
    settings: input.settings,
    schedule: input.schedule,
    stagingBypass: false,
    createdBy: caller.clientName,
    live: null,
  })
  await deps.store.transaction(async (tx) => {
    await requireRoomForEnrollment(tx, deps, caller.accountId)
    await requireFreeNames(tx, enrollment, names)
    if (
      !input.allowDuplicateCn &&
      (await tx.enrollments.hasCommonName(caller.accountId, input.contractId, commonName))
    ) {
      throw new Problem('duplicate-cn', {
        detail: `An enrollment of this contract has the common name ${commonName} already; allow-duplicate-cn=true makes another.`,
      })
    }
    await requireInterval(tx, deps, input.contractId)
    await tx.enrollments.insert(enrollment, names)
    await tx.changes.insert(change, moveNote(deps, change, 'started', true))
  })
  await awaitRest(deps, change.id)
  return { enrollmentId: enrollment.id, changeId: change.id }
}

/** Sandbox: an unknown contract may become the caller's; of several calls that come at once one makes it. @throws Problem 'invalid-contract' */
export async function requireContract(
  deps: Dependencies,
  caller: Caller,
  { contractId }: Pick<CreateEnrollment, 'contractId'>,
): Promise<void> {
  const { accounts } = deps.store.read
  const owner = await accounts.contractOwner(contractId)
  if (owner === caller.accountId) return
  if (owner !== null || !deps.adopts || !isChosenId(contractId)) throw new Problem('invalid-contract')
  if (await accounts.insertContract(contractId, caller.accountId, deps.clocks.real.now()))
    deps.observer.adopted({ kind: 'contract', id: contractId, accountId: caller.accountId })
  else if ((await accounts.contractOwner(contractId)) !== caller.accountId)
    throw new Problem('invalid-contract')
}

/** One account cannot take names from another, not even through a wildcard (design: who owns a name). */
export async function requireFreeNames(
  tx: Repositories,
  { accountId }: Pick<Enrollment, 'accountId'>,
  names: readonly string[],
): Promise<void> {
  const taken = await tx.enrollments.claimNames(accountId, names)
  if (taken !== null)
    throw new Problem('name-in-use', {
      detail: `The name ${taken} belongs to another account.`,
    })
}

function newEnrollment(
  deps: Dependencies,
  caller: Caller,
  input: CreateEnrollment,
  ids: { readonly enrollment: number; readonly slot: number },
): Enrollment {
  return {
    id: enrollmentId(ids.enrollment),
    accountId: caller.accountId,
    contractId: input.contractId,
    settings: input.settings,
    assignedSlots: [ids.slot],
    createdAt: deps.clocks.lifecycle.now(),
    autoRenewalStartTime: null,
    revision: 0,
  }
}
