import type { EnrollmentId } from '../../domain/identifiers.ts'
import { type Acts, fresh, scheduleOf, type Subject } from './act.ts'

const enrollment = (id: EnrollmentId): Subject => ({ kind: 'enrollment', id })

/** What is done to enrollments and their certificates. */
export const ENROLLMENT_ACTS = {
  createEnrollment: {
    action: 'create-enrollment',
    subject: fresh,
    detail: ({ contractId, schedule, allowDuplicateCn }) => ({
      contractId,
      allowDuplicateCn,
      schedule: scheduleOf(schedule),
    }),
  },
  updateEnrollment: {
    action: 'update-enrollment',
    subject: enrollment,
    detail: (_id, { settings: _settings, schedule, ...flags }) => ({
      ...flags,
      schedule: scheduleOf(schedule),
    }),
  },
  removeEnrollment: {
    action: 'remove-enrollment',
    subject: enrollment,
    detail: (_id, { schedule, ...flags }) => ({ ...flags, schedule: scheduleOf(schedule) }),
  },
  revokeCertificate: {
    action: 'revoke-certificate',
    subject: enrollment,
    detail: (_id, wish) => ({ ...wish }),
    beyondStore: true,
  },
  setKeepKey: {
    action: 'set-keep-key',
    subject: enrollment,
    detail: (_id, keepKey) => ({ keepKey }),
  },
  rollBack: { action: 'roll-back', subject: enrollment, detail: (_id, wish) => ({ ...wish }) },
  pinGeneration: { action: 'pin-generation', subject: enrollment, detail: (_id, wish) => ({ ...wish }) },
  unpinGeneration: { action: 'unpin-generation', subject: enrollment, detail: () => ({}) },
  generations: 'reads',
  listEnrollments: 'reads',
  getEnrollment: 'reads',
  getDeployments: 'reads',
  dvHistory: 'reads',
  certificateHistory: 'reads',
  changeHistory: 'reads',
  activeCertificates: 'reads',
  plan: 'reads',
  explain: 'reads',
} satisfies Partial<Acts>
