import { type Change } from '../domain/change/change.ts'
import { changeId } from '../domain/identifiers.ts'
import { BEGINS_AGAIN_AFTER_MS, RENEWAL_ENGINE } from '../domain/renewal/renewal-start.ts'
import { renewalBegun } from '../domain/notices/notices-of-move.ts'
import { plus, SECOND } from '../domain/time.ts'
import type { OrderAllowance } from '../ports/certificate-authority.ts'
import type { DueRenewal } from '../ports/renewals.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { liveSpanOf } from './live-certificates.ts'
import { noticeRecords } from './notices/records.ts'
import { laneOf, moveNote } from './record.ts'
import { accountKey, canWait, createAllowances, holdBack, releaseOf } from './release.ts'
import { startedChange } from './start-change.ts'

const AT_ONCE = 200

/**
 * Begins every renewal whose moment has come, the most urgent first, as far as the CA accounts that they go to take their orders; says how many. The others get their
 * turns. What cannot begin now is found again by the next call.
 */
export async function beginDueRenewals(deps: Dependencies): Promise<number> {
  if (await deps.clockGuard.isStopped()) return 0
  const allowanceOf = createAllowances(deps)
  const held = new Map<string, { readonly allowance: OrderAllowance; readonly renewals: DueRenewal[] }>()
  let begun = 0
  for (const renewal of await deps.store.read.renewals.due(deps.clocks.lifecycle.now(), AT_ONCE)) {
    const allowance = await allowanceOf(renewal)
    const queue = allowance === null ? undefined : held.get(accountKey(allowance.account))
    // The more urgent ones went first: what can wait waits behind one that had to.
    const outcome =
      queue !== undefined && canWait(deps, renewal) ? 'held' : await beginRenewal(deps, renewal, allowance)
    if (outcome === 'begun') begun += 1
    if (outcome !== 'held' || allowance === null) continue
    if (queue === undefined) held.set(accountKey(allowance.account), { allowance, renewals: [renewal] })
    else queue.renewals.push(renewal)
  }
  for (const { allowance, renewals } of held.values()) await holdBack(deps, allowance, renewals)
  return begun
}

/** The shortest time between two looks at what is due, however short the turns are; and where what is due could not begin. */
const LEAST_WAIT_MS = 250
const AGAIN_MS = SECOND

/** As far as it goes now; in how many milliseconds the next one has its turn, if that is known. */
export async function runRenewals(deps: Dependencies): Promise<number | undefined> {
  while ((await beginDueRenewals(deps)) > 0);
  const next = await deps.store.read.renewals.nextAt()
  if (next === null) return undefined
  const waitMs = next - deps.clocks.lifecycle.now()
  return waitMs > 0 ? Math.max(LEAST_WAIT_MS, waitMs) : AGAIN_MS
}

/** A renewal repeats what the last completed change was issued with, and never the key: each change makes its own. */
async function beginRenewal(
  deps: Dependencies,
  renewal: DueRenewal,
  allowance: OrderAllowance | null,
): Promise<'begun' | 'held' | 'not-due'> {
  const { change: id } = await deps.store.nextIds(['change'])
  return deps.store.transaction(async (tx) => {
    const enrollment = await tx.enrollments.find(renewal.accountId, renewal.id)
    const settings = await tx.lifecycle.settled(renewal.id)
    if (enrollment === null || settings === null) return 'not-due'
    const release = allowance === null ? UNCOUNTED : await releaseOf(deps, tx, renewal, allowance)
    if (release === null) return 'held'
    if (!(await tx.renewals.take(renewal.id, deps.clocks.lifecycle.now()))) return 'not-due'
    await release.take()
    const change = startedChange(deps, {
      id: changeId(id),
      enrollment,
      action: 'renewal',
      settings,
      schedule: { notBefore: null, notAfter: null },
      stagingBypass: false,
      createdBy: RENEWAL_ENGINE,
      live: await liveSpanOf(deps, tx, renewal.id),
    })
    await tx.changes.insert(change, { ...moveNote(deps, change, 'started', true), lane: laneOf(change) })
    await tx.notices.add(noticeRecords(change, [renewalBegun(change)]))
    return 'begun'
  })
}

const UNCOUNTED = { take: async () => {} }

/** A renewal that was ended by a person is begun again a while later, since its certificate goes on ageing (spec: behaviour C10). */
export async function renewAgainLater(tx: Repositories, deps: Dependencies, change: Change): Promise<void> {
  if (change.action !== 'renewal') return
  await tx.renewals.postpone(change.enrollmentId, plus(deps.clocks.lifecycle.now(), BEGINS_AGAIN_AFTER_MS))
}
