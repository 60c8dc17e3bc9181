import type { AccountId, ChangeId, ContractId } from '../domain/identifiers.ts'
import { plus, SECOND } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'

type Wanting = Pick<Dependencies, 'quotas'>

/**
 * Room for one more enrollment and its change. First thing in a transaction: it holds the account until the end, so that two calls at once do not both find
 * the last place. Without a quota it costs nothing.
 * @throws Problem 'quota-exceeded'
 */
export async function requireRoomForEnrollment(
  tx: Repositories,
  { quotas }: Wanting,
  account: AccountId,
): Promise<void> {
  if (quotas.enrollments === null && quotas.openChanges === null) return
  await tx.usage.hold(account)
  if (quotas.enrollments !== null)
    refuseBeyond(quotas.enrollments, await tx.usage.enrollments(account), 'enrollments')
  await requireRoomInTransaction(tx, quotas.openChanges, account)
}

/** As above, for a change of an enrollment that stands; once the change that it takes the place of has ended. */
export async function requireRoomForChange(
  tx: Repositories,
  { quotas }: Wanting,
  account: AccountId,
): Promise<void> {
  if (quotas.openChanges === null) return
  await tx.usage.hold(account)
  await requireRoomInTransaction(tx, quotas.openChanges, account)
}

async function requireRoomInTransaction(
  tx: Repositories,
  most: number | null,
  account: AccountId,
): Promise<void> {
  if (most !== null) refuseBeyond(most, await tx.usage.openChanges(account), 'open changes')
}

/** A second upload at once loses its compare-and-swap and counts anew, so nothing has to be held here. */
export async function requireRoomForUpload(
  tx: Repositories,
  { quotas: { uploads } }: Wanting,
  change: ChangeId,
): Promise<void> {
  if (uploads !== null) refuseBeyond(uploads, await tx.usage.uploads(change), 'uploads for this change')
}

/** After the claim of the zone's name, which whoever else makes a zone waits for. */
export async function requireRoomForZone(
  tx: Repositories,
  { quotas: { zones } }: Wanting,
  account: AccountId,
): Promise<void> {
  if (zones !== null) refuseBeyond(zones, await tx.usage.zones(account), 'zones')
}

/** `wanted`: how many the zone would have. In the transaction that has taken the zone. */
export function requireRoomForRecordSets(
  { quotas: { recordSets } }: Wanting,
  { standing, wanted }: { readonly standing: number; readonly wanted: number },
): void {
  // One that has too many since the quota was lowered may lose some.
  if (recordSets !== null && wanted > recordSets && wanted > standing)
    throw exceeded(`A zone may have ${recordSets} record sets, and would have ${wanted}.`)
}

export async function requireRoomForTrustChainSet(
  tx: Repositories,
  { quotas: { trustChainSets } }: Wanting,
  account: AccountId,
): Promise<void> {
  if (trustChainSets === null) return
  await tx.usage.hold(account)
  refuseBeyond(trustChainSets, await tx.usage.trustChainSets(account), 'trust-chain sets')
}

/** In the transaction that has taken the set. */
export function requireRoomForRevision({ quotas: { trustChainRevisions } }: Wanting, standing: number): void {
  if (trustChainRevisions !== null)
    refuseBeyond(trustChainRevisions, standing, 'revisions of a trust-chain set')
}

function refuseBeyond(most: number, used: number, what: string): void {
  if (used < most) return
  throw exceeded(`There may be ${most} ${what}, and there are ${used}.`)
}

const exceeded = (detail: string): Problem => new Problem('quota-exceeded', { detail })

/** CPS API: two creates within some minutes (spec: behaviour E3). Real clock. */
export async function requireInterval(
  tx: Repositories,
  { quotas, clocks }: Pick<Dependencies, 'quotas' | 'clocks'>,
  contract: ContractId,
): Promise<void> {
  if (quotas.enrollmentIntervalMs === 0) return
  const now = clocks.real.now()
  const last = await tx.usage.noteEnrollment(contract, now, plus(now, -quotas.enrollmentIntervalMs))
  if (last === null) return
  const restMs = last + quotas.enrollmentIntervalMs - now
  throw new Problem('too-many-certificate-requests', {
    detail: `The last enrollment of contract ${contract} was created less than ${quotas.enrollmentIntervalMs / SECOND} seconds ago.`,
    retryAfterSeconds: Math.max(1, Math.ceil(restMs / SECOND)),
  })
}
