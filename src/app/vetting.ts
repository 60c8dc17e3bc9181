import { move } from '../domain/change/move.ts'
import type { Change } from '../domain/change/change.ts'
import { organizationIdentity, requestedOrganization } from '../domain/enrollment/organization.ts'
import { inForce, ORGANIZATION_REUSE_DAYS } from '../domain/policy/rules.ts'
import { DAY, type Instant, plus } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { requireChange } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import type { ChangeReference } from './use-cases.ts'
import type { Caller, OrganizationView } from './views.ts'
import { awaitRest } from './wait.ts'

/** How long a checked organisation is known: a day less than CAs may re-use such a check (BR section 4.2.1). */
const knownForMs = (at: Instant): number => (inForce(ORGANIZATION_REUSE_DAYS, at) - 1) * DAY

export type Vetting =
  | { readonly kind: 'approved' }
  | { readonly kind: 'rejected'; readonly reason: string }
  /** `until` null: an operator's decision is waited for. */
  | { readonly kind: 'waiting'; readonly until: Instant | null }

/** OV and EV on the local CA: the check of the organisation, shorter (none) when it is known already. */
export async function vet(deps: Dependencies, read: Repositories, change: Change): Promise<Vetting> {
  const now = deps.clocks.lifecycle.now()
  if (await isKnown(read, change, now)) return { kind: 'approved' }
  const record =
    (await read.vettings.find(change.id)) ??
    (await read.vettings.begin(
      change.id,
      change.accountId,
      deps.vettingMs === null ? null : plus(now, deps.vettingMs),
    ))
  if (record.decision === 'rejected')
    return { kind: 'rejected', reason: record.reason ?? 'no reason was given' }
  const over = record.decision === 'approved' || (record.dueAt !== null && record.dueAt <= now)
  if (!over) return { kind: 'waiting', until: record.dueAt }
  const organization = requestedOrganization(change.settings)
  await read.vettings.rememberOrganization(
    change.accountId,
    organizationIdentity(organization),
    organization,
    plus(now, knownForMs(now)),
  )
  return { kind: 'approved' }
}

async function isKnown(read: Repositories, { accountId, settings }: Change, now: Instant): Promise<boolean> {
  const known =
    settings.orgId === null
      ? await read.vettings.organizationLike(accountId, organizationIdentity(requestedOrganization(settings)))
      : await read.vettings.organization(accountId, settings.orgId)
  return known !== null && known.vettedUntil > now
}

/** `orgId` names an organisation that the account has; anything else is a slip that would only show much later. */
export async function requireKnownOrganization(
  { store }: Dependencies,
  caller: Caller,
  orgId: number | null,
): Promise<void> {
  if (orgId === null || (await store.read.vettings.organization(caller.accountId, orgId)) !== null) return
  throw new Problem('validation-error', {
    errors: [{ field: '/orgId', detail: 'no organization with this id is known to the account' }],
  })
}

/** Own API: the account's organisations, so that `orgId` can be looked up. */
export async function listOrganizations(
  { store, clocks }: Dependencies,
  caller: Caller,
): Promise<readonly OrganizationView[]> {
  const known = await store.read.vettings.organizations(caller.accountId)
  const now = clocks.lifecycle.now()
  return known.map((each) => ({ ...each, isVetted: each.vettedUntil > now }))
}

/** Own API: the operator's part. `Problem('not-found')` unless the change waits for it. */
export async function decideVetting(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  decision: { readonly approve: true } | { readonly approve: false; readonly reason: string },
): Promise<void> {
  await retryingConflicts(async () => {
    const change = await requireChange(deps.store, caller, ref)
    const next = move(change, 'certificate-pending', {
      now: deps.clocks.lifecycle.now(),
      policy: deps.validationPolicy,
    })
    if (change.status !== 'check-for-cert' || change.state !== 'running' || !next.ok)
      throw new Problem('not-found')
    await deps.store.transaction(async (tx) => {
      const decided = await tx.vettings.decide(change.id, {
        approved: decision.approve,
        reason: decision.approve ? null : decision.reason,
        by: caller.clientName,
        at: deps.clocks.lifecycle.now(),
      })
      if (!decided) throw new Problem('not-found')
      if (!(await tx.changes.record(next.change, moveNote(deps, next.change, 'vetting-decided', true))))
        throw new Conflict()
    })
  })
  await awaitRest(deps, ref.changeId)
}
