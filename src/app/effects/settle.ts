import { plannedRenewal } from '../../domain/renewal/renewal-start.ts'
import type { Effect } from './outcome.ts'

/** After production: the enrollment is what the change asked for, and its next renewal is known. */
export const settle: Effect = async ({ locked, change }) => {
  const certificates = await locked.read.certificates.ofChange(change.id)
  const first = [...certificates].sort((left, right) => left.notAfter - right.notAfter)[0]
  return {
    kind: 'done',
    keeps: {
      settles: {
        settings: change.settings,
        autoRenewalStartTime:
          first === undefined
            ? null
            : plannedRenewal(
                change.enrollmentId,
                change.settings.validationType,
                first.notBefore,
                first.notAfter,
              ),
      },
    },
  }
}
