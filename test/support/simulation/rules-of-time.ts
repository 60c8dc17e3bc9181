import type { Change } from '../../../src/domain/change/change.ts'
import type { ValidationType } from '../../../src/domain/enrollment/enrollment.ts'
import type { ChangeId, EnrollmentId } from '../../../src/domain/identifiers.ts'
import { UNRESTRICTED } from '../../../src/domain/plan/maintenance.ts'
import { RENEWAL_ENGINE } from '../../../src/domain/renewal/renewal-start.ts'
import { DAY, HOUR, type Instant, later, MINUTE, plus, toWireTime } from '../../../src/domain/time.ts'
import type { EdgeGeneration } from '../../../src/ports/edge.ts'
import { openChange } from './memory/tables.ts'
import { readPaper } from './papers.ts'
import { Violation } from './violation.ts'
import { isOpenByTheWall } from './wall-clock.ts'
import { ACCOUNT, type World } from './world.ts'

/** docs/renewal.md, written down once more: a rule that asked the code it judges would hold whatever that said. */
const LEAD_DAYS: Readonly<Record<ValidationType, number>> = { dv: 30, ov: 60, ev: 90, 'third-party': 60 }
const BEGINS_AGAIN_MS = 30 * MINUTE

export interface LivePaper {
  readonly notBefore: Instant
  readonly notAfter: Instant
}

/** Of what production serves for the enrollment, the first to expire. */
export function liveOf({ store }: World, id: EnrollmentId): LivePaper | null {
  const { deployments, certificates } = store.tables
  const live = [...deployments.at('enrollment', id)].find(
    ({ network, state }) => network === 'production' && state === 'active',
  )
  const papers = (live?.certificateIds ?? [])
    .map((certificate) => certificates.get(certificate))
    .filter((certificate) => certificate !== undefined)
    .map(({ certificatePem }) => readPaper(certificatePem))
  return papers.toSorted((one, other) => one.notAfter - other.notAfter)[0] ?? null
}

/** A week before the end, or a twelfth of a short life. */
export const lastSafeOf = ({ notBefore, notAfter }: LivePaper): Instant =>
  plus(notAfter, -Math.min((notAfter - notBefore) / 12, 7 * DAY))

function startOf({ notBefore, notAfter }: LivePaper, validationType: ValidationType): Instant {
  const life = notAfter - notBefore
  return plus(notAfter, -Math.min(life < 10 * DAY ? life / 2 : life / 3, LEAD_DAYS[validationType] * DAY))
}

/** Neither a CA's wish nor a CA's limit moves it. */
const isLeftAlone = ({ ca, orderLimit }: World, validationType: ValidationType): boolean =>
  validationType === 'third-party' || (ca.authority.renewalInformation === undefined && orderLimit === null)

function isUnbound({ store }: World): boolean {
  const { windows, freezes } = store.tables.maintenances.get(ACCOUNT) ?? UNRESTRICTED
  return windows.length + freezes.length === 0
}

/** By when the renewal of what is live begins, whatever anybody does; null: nothing is live, or the CA wants to be left alone. */
export function latestBegin(world: World, id: EnrollmentId): Instant | null {
  const settings = world.store.tables.enrollments.get(id)?.settled
  const live = liveOf(world, id)
  if (!settings || live === null) return null
  const { validationType, changeManagement } = settings
  const isBound = !isUnbound(world) && !changeManagement && validationType !== 'third-party'
  if (isBound || !isLeftAlone(world, validationType)) return lastSafeOf(live)
  const start = startOf(live, validationType)
  return validationType === 'third-party'
    ? start
    : plus(start, Math.min((live.notAfter - start) / 10, 12 * HOUR))
}

/** Whatever was due has begun when the clock has come to rest. */
export async function requireBegun(world: World, id: EnrollmentId): Promise<void> {
  const { store, hands, now, ca } = world
  const enrollment = store.tables.enrollments.get(id)
  if (enrollment === undefined || enrollment.removedAt !== null) return
  const open = openChange(store.tables, id)
  if (open !== undefined) return requireGoingOn(open)
  const latest = latestBegin(world, id)
  const allowance = await ca.authority.orderAllowance?.({ validationType: 'dv', orgId: null })
  if (latest === null || (allowance?.limitedUntil ?? 0) > now()) return
  const again = plus((hands.get(id) ?? 0) as Instant, BEGINS_AGAIN_MS)
  if (now() > later(latest, again))
    throw new Violation(`no renewal has begun that was due at ${toWireTime(later(latest, again))}`)
}

/** What renews itself is tried until it is done, or a person says otherwise. */
function requireGoingOn({ createdBy, state, status, nextAt }: Change): void {
  if (createdBy === RENEWAL_ENGINE && state === 'error' && nextAt === null)
    throw new Violation(`a renewal has given up in ${status}`)
}

/**
 * Where nobody wishes otherwise a renewal begins neither before its time, which would cost the CA an order, nor after it: the clock stands there, however far it
 * is being turned.
 */
export function requireDue(world: World, change: Change): void {
  const { enrollmentId, settings } = change
  const live = liveOf(world, enrollmentId)
  if (live === null || !isLeftAlone(world, settings.validationType) || !isUnbound(world)) return
  const now = world.now()
  const start = startOf(live, settings.validationType)
  if (now < start) throw new Violation(`a renewal began at ${toWireTime(now)}, before ${toWireTime(start)}`)
  const latest = Math.max(latestBegin(world, enrollmentId) ?? now, ...standingInItsWay(world, change))
  if (now > latest)
    throw new Violation(`a renewal began at ${toWireTime(now)}, after ${toWireTime(latest as Instant)}`)
}

/** Until when another change was open, other windows held, or what a person had cancelled had to wait. */
function standingInItsWay(
  { store, hands, windowsSet }: World,
  { id, enrollmentId }: Change,
): readonly Instant[] {
  const others = [...store.tables.changes.at('enrollment', enrollmentId)].filter((one) => one.id !== id)
  const again = plus((hands.get(enrollmentId) ?? 0) as Instant, BEGINS_AGAIN_MS)
  return [again, ...windowsSet, ...others.map(({ updatedAt }) => updatedAt)]
}

/** What nobody asks for by hand reaches production when windows and freezes let it, or when what is live can wait no longer. */
export function createOpenings() {
  /** Those that a person acknowledged or gave a date to: that binds no window. */
  const byHand = new Set<ChangeId>()
  const begunInTime = new Map<ChangeId, boolean>()
  const mayGo = (world: World, { enrollmentId }: Change): boolean => {
    const live = liveOf(world, enrollmentId)
    const maintenance = world.store.tables.maintenances.get(ACCOUNT) ?? UNRESTRICTED
    return (
      live === null ||
      world.now() >= Math.floor(lastSafeOf(live)) ||
      isOpenByTheWall(maintenance, world.now())
    )
  }
  return {
    moved(world: World, change: Change, from: Change | undefined, event: string): void {
      if (change.createdBy !== RENEWAL_ENGINE) return
      const isAcknowledged = event === 'acknowledged' && from?.status === 'wait-ack-change-management'
      if (isAcknowledged || event === 'rescheduled') byHand.add(change.id)
      if (event === 'uploaded') byHand.delete(change.id)
      if (change.status === 'deploy-cert-to-production' && change.state === 'running')
        begunInTime.set(change.id, mayGo(world, change))
    },
    /** What began in a window and reaches a late edge after it is no breach. */
    served(world: World, { network }: EdgeGeneration, change: Change): void {
      if (network !== 'production' || change.createdBy !== RENEWAL_ENGINE || byHand.has(change.id)) return
      if (begunInTime.get(change.id) === false && !mayGo(world, change))
        throw new Violation('a renewal reached production by itself outside of every window')
    },
  }
}
