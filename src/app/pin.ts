import type { Change } from '../domain/change/change.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import type { PinRecord } from '../ports/pins.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { generationsOf } from './generations.ts'
import { requireEnrollment } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import type { GenerationWish } from './use-cases.ts'
import type { Caller, GenerationsView, GenerationView } from './views.ts'
import { awaitRest } from './wait.ts'

/** Own API: production keeps what it serves, until it is unpinned or nears its end; renewals are issued and staged all the same. */
export async function pinGeneration(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  wish: GenerationWish,
): Promise<GenerationsView> {
  await requireEnrollment(deps.store, caller, id)
  return deps.store.transaction(async (tx) => {
    const known = await generationsOf(deps, tx, id)
    const wanted = wantedOf(known, wish.generation ?? known.live)
    if (!wanted.isLive)
      throw new Problem('cannot-return', {
        detail: `Production serves generation ${known.live}. certrail rollback ${id} --generation ${wanted.number} goes to generation ${wanted.number} and pins it.`,
      })
    requireReturnable(wanted)
    await putPin(deps, tx, caller, wanted, { enrollmentId: id, reason: wish.reason })
    return generationsOf(deps, tx, id)
  })
}

/** Own API: what waited goes on at once, as far as no pause covers it. Idempotent. */
export async function unpinGeneration(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
): Promise<GenerationsView> {
  const { accountId } = await requireEnrollment(deps.store, caller, id)
  await deps.store.transaction(async (tx) => {
    await tx.pins.remove(id)
    const scope = { accountId, enrollmentId: id, network: 'production' as const }
    for (const change of await tx.changes.release(scope, deps.clocks.lifecycle.now())) await tx.wake(change)
  })
  return generationsOf(deps, deps.store.read, id)
}

/**
 * Own API: production goes to another proven generation, and is pinned there: what is older is due for renewal sooner, and that renewal would undo it within
 * minutes. Carried out as an effect of a change, so that a crash on the way leaves nothing half done.
 */
export async function rollBack(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  wish: GenerationWish,
): Promise<GenerationsView> {
  await requireEnrollment(deps.store, caller, id)
  const carrier = await retryingConflicts(() =>
    deps.store.transaction(async (tx) => {
      const known = await generationsOf(deps, tx, id)
      const wanted = wish.generation === null ? formerOf(known) : wantedOf(known, wish.generation)
      requireReturnable(wanted)
      const change = await carrierOf(tx, known)
      await requireOwnNames(tx, wanted)
      await putPin(deps, tx, caller, wanted, { enrollmentId: id, reason: wish.reason })
      const now = deps.clocks.lifecycle.now()
      const moved = { ...change, effects: withRollback(change), nextAt: now, updatedAt: now }
      if (!(await tx.changes.record(moved, moveNote(deps, moved, 'rollback-asked', true))))
        throw new Conflict()
      return change
    }),
  )
  await awaitRest(deps, carrier.id, { above: carrier.revision })
  return generationsOf(deps, deps.store.read, id)
}

const withRollback = ({ effects }: Change): Change['effects'] => [
  'serve-pinned',
  ...effects.filter((effect) => effect !== 'serve-pinned'),
]

/** The newest that was live before what is live now, and that may be served again; where none may, the newest says why. */
function formerOf({ generations, live }: GenerationsView): GenerationView {
  const former = generations.filter(({ number }) => live !== null && number < live)
  const wanted = former.find(({ obstacles }) => obstacles.length === 0) ?? former[0]
  if (wanted !== undefined) return wanted
  throw new Problem('cannot-return', { detail: 'Production has served no other generation before this one.' })
}

function wantedOf({ generations }: GenerationsView, number: number | null): GenerationView {
  const wanted = generations.find((each) => each.number === number)
  if (wanted !== undefined) return wanted
  if (number === null) throw new Problem('cannot-return', { detail: 'Production serves nothing of it yet.' })
  throw new Problem('validation-error', {
    errors: [{ field: '/generation', detail: `production never served a generation ${number}` }],
  })
}

function requireReturnable({ number, obstacles }: GenerationView): void {
  if (obstacles.length === 0) return
  throw new Problem('cannot-return', {
    detail: `Generation ${number} may not be served again: ${obstacles.join(', and ')}.`,
  })
}

async function requireOwnNames(tx: Repositories, { number, deploymentId }: GenerationView): Promise<void> {
  const taken = await tx.deployments.namesOfOthers(deploymentId)
  if (taken.length === 0) return
  throw new Problem('cannot-return', {
    detail: `Generation ${number} would take names that others answer now: ${taken.join(', ')}.`,
  })
}

/** The change that is open, so that it does nothing else meanwhile; else the one that brought what is live. */
async function carrierOf(tx: Repositories, { enrollmentId, generations }: GenerationsView): Promise<Change> {
  const [open] = await tx.changes.openOf([enrollmentId])
  if (open !== undefined && BUSY.includes(open.status))
    throw new Problem('cannot-return', {
      detail: `Change ${open.id} is on its way to production, or takes the enrollment away: wait for it or cancel it first.`,
    })
  const live = generations.find(({ isLive }) => isLive)
  const carrier = open ?? (live === undefined ? null : await tx.changes.load(live.changeId))
  if (carrier === null) throw new Problem('cannot-return', { detail: 'Production serves nothing of it.' })
  return carrier
}

const BUSY: readonly Change['status'][] = [
  'deploy-cert-to-production',
  'deprovision-cert',
  'delete-csr',
  'abandon-slots-action',
]

const putPin = (
  { clocks }: Dependencies,
  tx: Repositories,
  { accountId, clientId }: Caller,
  { deploymentId }: GenerationView,
  of: Pick<PinRecord, 'enrollmentId' | 'reason'>,
): Promise<void> =>
  tx.pins.put({ ...of, accountId, deploymentId, pinnedBy: clientId, pinnedAt: clocks.lifecycle.now() })
