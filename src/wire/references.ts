import { z } from 'zod'
import type { EnrollmentView } from '../app/views.ts'
import type { ChangeId, EnrollmentId } from '../domain/identifiers.ts'
import type { JsonObject } from './json.ts'
import { changePath, enrollmentPath } from './members.ts'
import { changeLocation, enrollmentLocation } from './locations.ts'
import { type Encoding, encodingsOf } from './row.ts'

export interface EnrollmentStatusView {
  readonly enrollmentId: EnrollmentId
  /** Empty when nothing had to be started. */
  readonly changeIds: readonly ChangeId[]
}

export interface ChangeIdView {
  readonly enrollmentId: EnrollmentId
  readonly changeId: ChangeId
}

/** CPS API: EnrollmentStatus */
export const enrollmentStatusVersions: readonly Encoding<EnrollmentStatusView>[] = encodingsOf(
  'enrollment-status',
  {
    1: ({ enrollmentId, changeIds }: EnrollmentStatusView): JsonObject => ({
      enrollment: enrollmentLocation(enrollmentId),
      changes: changeIds.map((id) => changeLocation(enrollmentId, id)),
    }),
  },
  { 1: z.strictObject({ enrollment: enrollmentPath, changes: z.array(changePath) }) },
)

/** CPS API: ChangeId */
export const changeIdVersions: readonly Encoding<ChangeIdView>[] = encodingsOf(
  'change-id',
  {
    1: ({ enrollmentId, changeId }: ChangeIdView): JsonObject => ({
      change: changeLocation(enrollmentId, changeId),
    }),
  },
  { 1: z.strictObject({ change: changePath }) },
)

/** CPS API: EnrollmentLocations. Published without an operation; taken as another form of the list (spec: api 5.3). */
export const enrollmentLocationsVersions: readonly Encoding<readonly EnrollmentView[]>[] = encodingsOf(
  'enrollment-locations',
  {
    1: (views: readonly EnrollmentView[]): JsonObject => ({
      enrollments: views.map(({ id }) => enrollmentLocation(id)),
    }),
  },
  { 1: z.strictObject({ enrollments: z.array(enrollmentPath) }) },
)
