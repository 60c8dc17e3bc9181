import { type Hold, heldPastSafe, nextLook } from '../../domain/plan/hold.ts'
import type { NewNotice } from '../../domain/notices/notices-of-move.ts'
import type { Network } from '../../domain/network.ts'
import { RENEWAL_ENGINE } from '../../domain/renewal/renewal-start.ts'
import { holdsOf, liveLimits } from '../holds.ts'
import { noticeRecords } from '../notices/records.ts'
import type { EffectContext, EffectOutcome } from './outcome.ts'

interface HeldBack {
  readonly until: Extract<EffectOutcome, { kind: 'later' }>['at']
  readonly write: NonNullable<Extract<EffectOutcome, { kind: 'later' }>['write']>
}

/**
 * Null: nobody holds the change back from the network. What it has begun there is finished, since a half-done deployment is the one thing that nobody
 * can want.
 */
export async function heldBack(context: EffectContext, network: Network): Promise<HeldBack | null> {
  const { deps, locked, change } = context
  const now = deps.clocks.lifecycle.now()
  const holds = await holdsOf(locked.read, change, network, now)
  if (holds.length === 0) return null
  const [latest] = await locked.read.deployments.ofChange(change.id, network)
  if (latest?.state === 'pending') return null
  const live = await liveLimits(locked.read, change.enrollmentId)
  const notices = heldNotices(context, holds, heldPastSafe(holds, now, live))
  return {
    until: nextLook(now, live?.lastSafe ?? null),
    write: (tx) => tx.notices.add(noticeRecords(change, notices)),
  }
}

function heldNotices(
  { deps, change }: EffectContext,
  holds: readonly Hold[],
  danger: string | null,
): readonly NewNotice[] {
  const who = `${change.settings.csr.cn} (enrollment ${change.enrollmentId}, change ${change.id})`
  if (danger !== null) {
    deps.observer.heldPastSafe({ changeId: change.id, enrollmentId: change.enrollmentId, reason: danger })
    const dueAt = deps.clocks.lifecycle.now()
    return [{ occasion: 'held-past-safe', text: `${who}: ${danger}`, dueAt }]
  }
  if (change.createdBy !== RENEWAL_ENGINE) return []
  const text = `${who}: the renewal is ready and held back. ${holds.map((hold) => hold.text).join(' ')}`
  // Of one change it is told once, however often it looks.
  return [{ occasion: 'held', text, dueAt: change.createdAt }]
}

/** It waits where a person can cancel it, give it another date, or end the hold. */
export const asHeld = ({ until, write }: HeldBack): EffectOutcome => ({
  kind: 'event',
  event: 'deployment-held',
  progress: { held: true, heldUntil: until },
  nextAt: until,
  write,
})

/** The same effect again, for what has no such place. */
export const asLater = ({ until, write }: HeldBack): EffectOutcome => ({
  kind: 'later',
  at: until,
  progress: { held: true },
  write,
})
