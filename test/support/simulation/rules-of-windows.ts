import type { Change } from '../../../src/domain/change/change.ts'
import type { ChangeId } from '../../../src/domain/identifiers.ts'
import { UNRESTRICTED } from '../../../src/domain/plan/maintenance.ts'
import { RENEWAL_ENGINE } from '../../../src/domain/renewal/renewal-start.ts'
import { HOUR, type Instant, later, plus, toWireTime } from '../../../src/domain/time.ts'
import type { EdgeGeneration } from '../../../src/ports/edge.ts'
import { lastSafeOf, liveOf } from './live-papers.ts'
import { Violation } from './violation.ts'
import { isOpenByTheWall } from './wall-clock.ts'
import { ACCOUNT, type World } from './world.ts'

/** docs/renewal.md: a CA that wants each new certificate replaced at once is heeded six hours after it was made, an hour before which it is valid. */
const HEEDED_AFTER_MS = 7 * HOUR

/**
 * At the last safe moment windows and freezes hold nothing any longer; where nobody looks at it, nor when the CA's own window ends. `from`: then it may go, `until`: and then
 * it must, since only what the engine made itself waits for a CA that wants it replaced at once. Null: nothing is live.
 */
function endOfHolding(
  world: World,
  { enrollmentId, settings }: Change,
): { readonly from: Instant; readonly until: Instant } | null {
  const live = liveOf(world, enrollmentId)
  if (live === null) return null
  const lastSafe = lastSafeOf(live)
  const { window = null } = world.store.tables.enrollments.get(enrollmentId) ?? {}
  if (window === null || settings.changeManagement) return { from: lastSafe, until: lastSafe }
  const heeded = later(window.end, plus(live.notBefore, HEEDED_AFTER_MS))
  return { from: earlier(lastSafe, window.end), until: earlier(lastSafe, heeded) }
}

const earlier = (one: Instant, other: Instant): Instant => (one < other ? one : other)

const isOpen = ({ store }: World, at: Instant): boolean =>
  isOpenByTheWall(store.tables.maintenances.get(ACCOUNT) ?? UNRESTRICTED, at)

/** Of an open renewal, when the clock has come to rest. */
export function requireNotHeldTooLong(world: World, open: Change): void {
  const { status, notBefore, progress } = open
  if (status !== 'wait-deployment-schedule' || notBefore !== null || progress.held === true) return
  const end = endOfHolding(world, open)
  if (end !== null && world.now() > end.until)
    throw new Violation(`a renewal waits for a window, although it was to go at ${toWireTime(end.until)}`)
}

/** What nobody asks for by hand reaches production when windows and freezes let it, or when what is live can wait no longer. */
export function createOpenings() {
  /** Those that a person acknowledged or gave a date to: that binds no window. */
  const byHand = new Set<ChangeId>()
  const begunInTime = new Map<ChangeId, boolean>()
  const mayGo = (world: World, change: Change): boolean => {
    const end = endOfHolding(world, change)
    return end === null || world.now() >= Math.floor(end.from) || isOpen(world, world.now())
  }
  return {
    moved(world: World, change: Change, from: Change | undefined, event: string): void {
      if (change.createdBy !== RENEWAL_ENGINE) return
      const wasLookedAt = from?.status === 'wait-ack-change-management'
      if ((event === 'acknowledged' && wasLookedAt) || event === 'rescheduled') byHand.add(change.id)
      if (event === 'deadline-passed' && wasLookedAt) requireNoneMissed(world, from)
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

/**
 * What was there to be acknowledged goes without in the last window before it would be too late; outside of all only where none opened since: the rest of one in which
 * it came there would have left nobody time to look.
 */
function requireNoneMissed(world: World, { enteredAt, notBefore }: Change): void {
  const now = world.now()
  if (notBefore !== null || isOpen(world, now) || world.windowsSet.some((at) => at >= enteredAt)) return
  // Those of the simulation are open for two hours.
  const hours = Math.floor((now - enteredAt) / HOUR)
  const looks = Array.from({ length: hours }, (_, hour) => plus(enteredAt, hour * HOUR))
  const closed = looks.findIndex((at) => !isOpen(world, at))
  const missed = looks.slice(Math.max(closed, 0)).find((at) => isOpen(world, at))
  if (closed >= 0 && missed !== undefined)
    throw new Violation(`nobody acknowledged it, and the window of ${toWireTime(missed)} was missed`)
}
