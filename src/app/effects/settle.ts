import type { Change } from '../../domain/change/change.ts'
import { type LeadDays, plannedRenewal } from '../../domain/renewal/renewal-start.ts'
import type { CertificateRecord, Kept } from '../../ports/store.ts'

/**
 * With production the enrollment is what the change asked for, and its next renewal is known; a change of settings alone leaves that as it was. Kept by
 * the very statement that completes the change: an update that came between would be overwritten.
 */
export function settlementOf(
  change: Change,
  served: readonly CertificateRecord[],
  leadDays: LeadDays,
): NonNullable<Kept['settles']> {
  const own = served.filter(({ changeId }) => changeId === change.id)
  const [first] = own.toSorted((left, right) => left.notAfter - right.notAfter)
  return {
    settings: change.settings,
    autoRenewalStartTime:
      first === undefined
        ? null
        : plannedRenewal(change.enrollmentId, change.settings.validationType, first, leadDays),
  }
}
