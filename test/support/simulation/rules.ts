import type { Change } from '../../../src/domain/change/change.ts'
import { isOpen } from '../../../src/domain/change/vocabulary.ts'
import type { EnrollmentId } from '../../../src/domain/identifiers.ts'
import { RENEWAL_ENGINE } from '../../../src/domain/renewal/renewal-start.ts'
import { HOUR, toWireTime } from '../../../src/domain/time.ts'
import type { OrderRequest } from '../../../src/ports/certificate-authority.ts'
import type { EdgeGeneration } from '../../../src/ports/edge.ts'
import { isLost } from '../../../src/domain/validation/name-standing.ts'
import { type KeptEnrollment, openChange } from './memory/tables.ts'
import { publicHalf, readPaper } from './papers.ts'
import { createTurns, requireUnpaused } from './rules-of-release.ts'
import { isRemoved, requireUnexpired } from './rules-of-expiry.ts'
import { requireDue } from './rules-of-time.ts'
import { createOpenings } from './rules-of-windows.ts'
import { Violation } from './violation.ts'
import { isOpenByTheWall } from './wall-clock.ts'
import { ACCOUNT, type Witness, type World } from './world.ts'

const RELEASES: readonly string[] = ['acknowledged', 'deadline-passed']

/** What is looked at while it happens: invariants 1, 3, 4 and 9 of design.md section 5. */
export function createWitness(world: () => World): Witness & { readonly broken: readonly Violation[] } {
  const broken: Violation[] = []
  const turns = createTurns()
  const openings = createOpenings()
  const last = new Map<number, Change>()
  /** Changes whose content was released for production, and those whose findings somebody accepted. */
  const released = new Set<number>()
  const reviewed = new Set<number>()
  /** What staging served for a change. */
  const staged = new Map<number, Set<string>>()
  /** Whoever called may take it for a step that failed, and go on: what was broken is kept. */
  function kept<Told extends readonly unknown[]>(look: (...told: Told) => void): (...told: Told) => void {
    return (...told) => {
      try {
        look(...told)
      } catch (error) {
        broken.push(error instanceof Violation ? error : new Violation(String(error)))
        throw error
      }
    }
  }
  return {
    broken,
    moved: kept((change: Change, event: string) => {
      const from = last.get(change.id)
      last.set(change.id, change)
      if (from?.status === 'wait-ack-change-management' && event === 'uploaded') released.delete(change.id)
      if (RELEASES.includes(event))
        (from?.status === 'wait-ack-change-management' ? released : reviewed).add(change.id)
      requireSound(change, event)
      openings.moved(world(), change, from, event)
      if (event !== 'started') return
      turns.require(world(), change)
      if (change.createdBy === RENEWAL_ENGINE) requireDue(world(), change)
    }),
    served: kept((generation: EdgeGeneration) => {
      const change = world().store.tables.changes.get(generation.changeId)
      if (change === undefined) throw new Violation('served for no change')
      requireFitting(generation, change, reviewed.has(change.id))
      requireUnpaused(world(), generation)
      openings.served(world(), generation, change)
      const texts = generation.certificates.map(({ certificatePem }) => certificatePem)
      const seen = staged.get(change.id) ?? new Set()
      if (generation.network === 'staging') staged.set(change.id, new Set([...seen, ...texts]))
      else requireReleased(change, texts, seen, released.has(change.id))
    }),
    ordered: kept((request: OrderRequest) => requireRepeated(world(), request)),
  }
}

function requireSound({ status, state, effects, error }: Change, event: string): void {
  if (state === 'running' && effects.length === 0) throw new Violation(`${event}: nothing to do in ${status}`)
  if (error !== null && state !== 'error') throw new Violation(`${event}: an error outside of error`)
  if ((status === 'complete') !== (state === 'completed')) throw new Violation(`${event}: ${status} ${state}`)
}

/** Invariant 4. */
function requireFitting(generation: EdgeGeneration, change: Change, isReviewed: boolean): void {
  for (const { certificatePem, privateKey } of generation.certificates) {
    const paper = readPaper(certificatePem)
    if (publicHalf(privateKey()) !== paper.key) throw new Violation('served with a key that does not match')
    if (change.action === 'network-only' || isReviewed) continue
    const wanted = [change.settings.csr.cn, ...change.settings.csr.sans]
    if (wanted.some((name) => !paper.names.includes(name)))
      throw new Violation(`served for ${wanted.join()} with a certificate for ${paper.names.join()}`)
  }
}

/** Invariant 3, by what a network begins to serve: also what it had missed is served late. */
function requireReleased(
  change: Change,
  texts: readonly string[],
  seen: ReadonlySet<string>,
  isReleased: boolean,
): void {
  if (change.stagingBypass) return
  if (change.action !== 'network-only' && texts.some((text) => !seen.has(text)))
    throw new Violation('production before staging')
  if (change.settings.changeManagement && !isReleased)
    throw new Violation('production without an acknowledgement or a passed deadline')
}

/** Invariant 9, when a CA is asked. */
function requireRepeated({ store, ca }: World, request: OrderRequest): void {
  const { changes } = store.tables
  const change = changes.get(request.changeId)
  if (change?.action !== 'renewal' || change.createdBy !== RENEWAL_ENGINE) return
  const before = ca.placed.findLast(
    ({ enrollmentId, changeId }) =>
      enrollmentId === request.enrollmentId &&
      changeId !== request.changeId &&
      changes.get(changeId)?.state === 'completed',
  )
  if (before === undefined) throw new Violation('a renewal of nothing')
  const inputs = ({ identifiers, subject, validationType, orgId, preferredTrustChain }: OrderRequest) =>
    JSON.stringify([identifiers, subject, validationType, orgId, preferredTrustChain])
  if (inputs(before) !== inputs(request))
    throw new Violation(`a renewal asks for ${inputs(request)} after ${inputs(before)}`)
}

/** What is looked at day by day: invariants 1, 5, 6 and 9, that nothing is served when it has expired, and the plan. */
export async function lookAt(world: World, id: EnrollmentId): Promise<void> {
  const { store, edges, now } = world
  const { changes, enrollments } = store.tables
  const enrollment = enrollments.get(id)
  if (enrollment === undefined || enrollment.settled === null) return
  if ([...changes.at('open', id)].length > 1) throw new Violation('two open changes')
  const generation = edges.served('production', enrollment.settled.csr.cn)
  if (enrollment.removedAt !== null) {
    if (generation !== null) throw new Violation('production serves what was removed')
    return
  }
  if (generation === null) {
    if (isRemoved(openChange(store.tables, id))) return
    throw new Violation('production answers nothing any more')
  }
  requireStanding(world, generation)
  requireUnexpired(world, id, generation, now())
  requireKeys(world, id)
  if (world.draws.chance(0.1)) await requirePlan(world, id)
}

/** Invariant 6. A late edge may take settings later than certificates, which no handshake shows. */
function requireStanding({ store }: World, { id, changeId, enrollmentId }: EdgeGeneration): void {
  const { deployments, changes } = store.tables
  const mine = deployments.get(id)
  if (mine?.state === 'active' || mine?.state === 'withdrawn') return
  const change = changes.get(changeId)
  if (change?.status === 'deploy-cert-to-production' && change.state === 'running') return
  const ids = (one: typeof mine) => one?.certificateIds.toSorted().join()
  const isSame = [...deployments.at('enrollment', enrollmentId)].some(
    (one) => one.network === 'production' && one.state === 'active' && ids(one) === ids(mine),
  )
  if (!isSame) throw new Violation(`production serves what is ${mine?.state ?? 'unknown'}`)
}

/** Invariants 5 and 9: what is given up leaves no key, what lives repeats none. */
function requireKeys({ store }: World, id: EnrollmentId): void {
  const { keyPairs, changes, enrollments } = store.tables
  const pairs = [...keyPairs.at('enrollment', id)]
  for (const { changeId, sealedPrivateKey } of pairs) {
    const change = changes.get(changeId)
    const isOver = change !== undefined && change.state === 'cancelled' && change.effects.length === 0
    if (isOver && sealedPrivateKey !== null) throw new Violation('a cancelled change leaves its key behind')
    if (change !== undefined && isOpen(change) && sealedPrivateKey === null)
      throw new Violation('an open change has lost its key')
  }
  const halves = pairs.map(({ publicKey }) => Buffer.from(publicKey).toString())
  if (enrollments.get(id)?.keepKey === false && new Set(halves).size !== halves.length)
    throw new Violation('a renewal repeats a key')
}

/**
 * Whatever the plan shows when the clock has come to rest, people have been told. What somebody holds back is told by its change, and that no window comes in time when
 * the last one closes; that a name is lost by the look that is sure of it, in words of its own.
 */
export async function requireTold({ store, useCases, caller, now }: World, id: EnrollmentId): Promise<void> {
  const enrollment = store.tables.enrollments.get(id)
  if (enrollment === undefined || enrollment.removedAt !== null) return
  const { conflicts } = await useCases.plan(caller, id)
  const told = enrollment.toldConflicts.map(({ code }) => code)
  const maintenance = store.tables.maintenances.get(ACCOUNT)
  const hasWindow = maintenance !== undefined && isOpenByTheWall(maintenance, now())
  const elsewhere = ['held-back', 'validation-lost', ...(hasWindow ? ['no-window-in-time'] : [])]
  const untold = conflicts.find(({ code }) => !told.includes(code) && !elsewhere.includes(code))
  if (untold !== undefined) throw new Violation(`nobody was told: ${untold.text}`)
  requireLostTold(enrollment, store.tables)
}

/** Once for each time that a name was lost: not at every look. */
function requireLostTold({ id, knownNames }: KeptEnrollment, { notices }: World['store']['tables']): void {
  const told = [...notices.at('enrollment', id)].filter(({ occasion }) => occasion === 'validation-lost')
  for (const { name, since } of knownNames.filter(isLost))
    if (told.filter(({ text, dueAt }) => text.includes(` ${name} `) && dueAt >= (since ?? 0)).length !== 1)
      throw new Violation(`${name} is lost, and that was not told once`)
}

/** It never passes the last safe moment, keeps to the windows or says why not, and names the change in its way. */
async function requirePlan(world: World, id: EnrollmentId): Promise<void> {
  const { store, useCases, caller } = world
  const { steps, lastSafe, conflicts, now } = await useCases.plan(caller, id)
  if (openChange(store.tables, id) !== undefined) return
  const goes = steps.find(
    ({ what }) => what === 'deploy-to-production' || what === 'push-without-acknowledgement',
  )
  if (goes === undefined || lastSafe === null) return
  const latest = Math.max(lastSafe, now, store.tables.enrollments.get(id)?.renewAt ?? 0)
  if (goes.at > latest)
    throw new Violation(
      `the plan passes the last safe moment: ${toWireTime(goes.at)} after ${toWireTime(lastSafe)}`,
    )
  const maintenance = store.tables.maintenances.get(ACCOUNT)
  if (maintenance === undefined || conflicts.length > 0 || goes.at <= now + HOUR) return
  if (!isOpenByTheWall(maintenance, goes.at))
    throw new Violation('a plan outside of every window, and no conflict')
}
