import type { Change } from '../../../src/domain/change/change.ts'
import type { ValidationType } from '../../../src/domain/enrollment/enrollment.ts'
import type { EnrollmentId } from '../../../src/domain/identifiers.ts'
import { UNRESTRICTED } from '../../../src/domain/plan/maintenance.ts'
import { RENEWAL_ENGINE } from '../../../src/domain/renewal/renewal-start.ts'
import { DAY, HOUR, type Instant, later, MINUTE, plus, toWireTime } from '../../../src/domain/time.ts'
import { openChange } from './memory/tables.ts'
import { lastSafeOf, type LivePaper, liveOf } from './live-papers.ts'
import { requireNotHeldTooLong } from './rules-of-windows.ts'
import { Violation } from './violation.ts'
import { ACCOUNT, type World } from './world.ts'

/** docs/renewal.md, written down once more: a rule that asked the code it judges would hold whatever that said. */
const LEAD_DAYS: Readonly<Record<ValidationType, number>> = { dv: 30, ov: 60, ev: 90, 'third-party': 60 }
const BEGINS_AGAIN_MS = 30 * MINUTE

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
  if (open !== undefined) return requireGoingOn(world, open)
  const latest = latestBegin(world, id)
  const allowance = await ca.authority.orderAllowance?.({ validationType: 'dv', orgId: null })
  if (latest === null || (allowance?.limitedUntil ?? 0) > now()) return
  const again = plus((hands.get(id) ?? 0) as Instant, BEGINS_AGAIN_MS)
  if (now() > later(latest, again))
    throw new Violation(`no renewal has begun that was due at ${toWireTime(later(latest, again))}`)
}

/** What renews itself is tried until it is done, or a person says otherwise. */
function requireGoingOn(world: World, open: Change): void {
  if (open.createdBy !== RENEWAL_ENGINE) return
  if (open.state === 'error' && open.nextAt === null)
    throw new Violation(`a renewal has given up in ${open.status}`)
  requireNotHeldTooLong(world, open)
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
