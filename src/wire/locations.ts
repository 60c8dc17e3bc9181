import type { ChangeId, EnrollmentId } from '../domain/identifiers.ts'

/** Server-relative, no host: clients take the last segment, and the number before `/changes` (spec: api 1). */
export const enrollmentLocation = (id: EnrollmentId): string => `/cps/v2/enrollments/${id}`

export const changeLocation = (id: EnrollmentId, change: ChangeId): string =>
  `${enrollmentLocation(id)}/changes/${change}`
