import type { ChangeProgress } from '../../domain/change/change.ts'
import { acknowledgementDeadline } from '../../domain/change/acknowledgement-deadline.ts'
import { firstOpening, isUnrestricted } from '../../domain/plan/maintenance.ts'
import { RENEWAL_ENGINE } from '../../domain/renewal/renewal-start.ts'
import { liveCertificates } from '../live-certificates.ts'
import type { EffectContext } from './outcome.ts'

/**
 * A renewal that nobody asked for by hand, and that nobody looks at, waits on staging for a window of its account; never beyond the last safe moment. What a
 * person asked for or acknowledged goes when it is said.
 */
export async function heldForWindow({
  deps,
  locked,
  change,
}: EffectContext): Promise<Pick<ChangeProgress, 'heldUntil'>> {
  if (change.createdBy !== RENEWAL_ENGINE || change.settings.changeManagement) return {}
  const maintenance = await locked.read.maintenances.of(change.accountId)
  if (isUnrestricted(maintenance)) return {}
  const now = deps.clocks.lifecycle.now()
  const lastSafe = acknowledgementDeadline(await liveCertificates(locked.read, change.enrollmentId))
  if (lastSafe === null || lastSafe <= now) return {}
  const heldUntil = firstOpening(maintenance, now, lastSafe) ?? lastSafe
  return heldUntil > now ? { heldUntil } : {}
}
