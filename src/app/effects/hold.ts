import type { ChangeProgress } from '../../domain/change/change.ts'
import { firstOpening, isUnrestricted } from '../../domain/plan/maintenance.ts'
import { RENEWAL_ENGINE } from '../../domain/renewal/renewal-start.ts'
import type { Instant } from '../../domain/time.ts'
import { momentsOf } from '../plan.ts'
import type { EffectContext, EffectOutcome } from './outcome.ts'

/**
 * A renewal that nobody asked for by hand, and that nobody looks at, waits on staging for a window of its account; never beyond the last safe moment. What a
 * person asked for or acknowledged goes when it is said.
 */
export async function heldForWindow(context: EffectContext): Promise<Pick<ChangeProgress, 'heldUntil'>> {
  const { changeManagement } = context.change.settings
  const at = changeManagement ? null : await opensAt(context)
  return at === null ? {} : { heldUntil: at }
}

/**
 * The same for what is about to begin in production: it may have failed in a window that has closed since, or have waited for a moment into which somebody has
 * put a freeze. Null: it may go, or has begun there and is finished.
 */
export async function closedUntil(context: EffectContext): Promise<Instant | null> {
  const { locked, change } = context
  const at = await opensAt(context)
  if (at === null) return null
  const [latest] = await locked.read.deployments.ofChange(change.id, 'production')
  if (latest?.state === 'pending' || (await isSaidByHand(context))) return null
  return at
}

/** It waits where a person can cancel it or give it another date. */
export const heldUntil = (at: Instant): EffectOutcome => ({
  kind: 'event',
  event: 'deployment-held',
  progress: { heldUntil: at },
  nextAt: at,
})

/** When windows and freezes next let a renewal of the engine go; null: now. */
async function opensAt({ deps, locked, change }: EffectContext): Promise<Instant | null> {
  if (change.createdBy !== RENEWAL_ENGINE) return null
  const maintenance = await locked.read.maintenances.of(change.accountId)
  if (isUnrestricted(maintenance)) return null
  const now = deps.clocks.lifecycle.now()
  const enrollment = await locked.read.enrollments.find(change.accountId, change.enrollmentId)
  const lastSafe = enrollment === null ? null : (await momentsOf(deps, locked.read, enrollment))?.lastSafe
  if (!lastSafe || lastSafe <= now) return null
  const at = firstOpening(maintenance, now, lastSafe) ?? lastSafe
  return at > now ? at : null
}

const BEHIND_THE_ACKNOWLEDGEMENT: readonly string[] = [
  'deploy-cert-to-production',
  'wait-deployment-schedule',
]

/** Somebody acknowledged what is on staging, or gave the change a date. */
async function isSaidByHand({ locked, change }: EffectContext): Promise<boolean> {
  const events = await locked.read.events.ofChange(change.id)
  return events.some(
    ({ event, status }) =>
      event === 'rescheduled' || (event === 'acknowledged' && BEHIND_THE_ACKNOWLEDGEMENT.includes(status)),
  )
}
