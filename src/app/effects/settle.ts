import { renewalStart } from '../../domain/enrollment/renewal.ts'
import { Conflict } from '../record.ts'
import type { Effect } from './outcome.ts'

/** After production: the enrollment is what the change asked for, and its next renewal is known. */
export const settle: Effect = async ({ locked, change }) => {
  const certificates = await locked.read.certificates.ofChange(change.id)
  const first = [...certificates].sort((left, right) => left.notAfter - right.notAfter)[0]
  return {
    kind: 'done',
    write: async (tx) => {
      const enrollment = await tx.enrollments.find(change.accountId, change.enrollmentId)
      if (enrollment === null) return
      const autoRenewalStartTime =
        first === undefined
          ? enrollment.autoRenewalStartTime
          : renewalStart(change.settings.validationType, first.notBefore, first.notAfter)
      if (!(await tx.enrollments.save({ ...enrollment, settings: change.settings, autoRenewalStartTime }))) throw new Conflict()
      await tx.lifecycle.settle(change.enrollmentId, change.settings)
    },
  }
}
