import type { Change } from '../../../src/domain/change/change.ts'
import { afterOrder, filled, fullBucket, type OrderBucket } from '../../../src/domain/renewal/order-limit.ts'
import { RENEWAL_ENGINE } from '../../../src/domain/renewal/renewal-start.ts'
import { HOUR } from '../../../src/domain/time.ts'
import type { EdgeGeneration } from '../../../src/ports/edge.ts'
import { pausedSince } from './pausing.ts'
import { lastSafeOf, liveOf } from './live-papers.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

/** docs/renewal.md: a CA that wants each new certificate replaced at once is not asked for one after the other. */
const NOT_AGAIN_WITHIN_MS = 6 * HOUR

/** What begins by itself keeps to what the CA account publishes, as long as it can wait, and does not come again at once. */
export function createTurns() {
  let bucket: OrderBucket | null = null
  return {
    require(world: World, change: Change): void {
      if (change.createdBy !== RENEWAL_ENGINE) return
      requirePatience(world, change)
      const limit = world.orderLimit
      if (limit === null || change.settings.validationType === 'third-party') return
      const now = world.now()
      if (mustGo(world, change)) return
      bucket ??= fullBucket(limit, now)
      // What people ordered meanwhile only makes it less.
      if (filled(bucket, limit, now).tokens < 1 - 1e-6)
        throw new Violation('more renewals at once than the account of the CA takes')
      bucket = afterOrder(bucket, limit, now)
    },
  }
}

/** Beyond its last safe moment, or the end of a window that the CA named, it goes whatever was published. */
function mustGo(world: World, { enrollmentId }: Change): boolean {
  const { window = null } = world.store.tables.enrollments.get(enrollmentId) ?? {}
  const live = liveOf(world, enrollmentId)
  const ends = Math.min(live === null ? 0 : lastSafeOf(live), window?.end ?? Number.POSITIVE_INFINITY)
  return Math.floor(ends) <= world.now()
}

function requirePatience({ store, now, wentBack }: World, { id, enrollmentId, settings }: Change): void {
  if (settings.validationType === 'third-party' || wentBack.has(enrollmentId)) return
  const before = [...store.tables.changes.at('enrollment', enrollmentId)].filter(
    (one) => one.id !== id && one.createdBy === RENEWAL_ENGINE && one.state === 'completed',
  )
  const made = before.flatMap((one) => [...store.tables.certificates.at('change', one.id)])
  const newest = Math.max(0, ...made.map(({ createdAt }) => createdAt))
  if (now() - newest < NOT_AGAIN_WITHIN_MS) throw new Violation('renewed again within hours')
}

/** Nothing new reaches what a pause covers; what had begun there is finished. */
export function requireUnpaused(world: World, generation: EdgeGeneration): void {
  const since = pausedSince(world, generation.enrollmentId, generation.network)
  const begun = world.store.tables.deployments.get(generation.id)?.createdAt ?? null
  if (since !== null && begun !== null && begun > since)
    throw new Violation(`${generation.network} got something new while it was paused`)
}
