import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import type { FieldError } from '../../errors/problem.ts'
import type { JsonObject } from '../json.ts'

/** How one version of the enrollment looks at its successor. */
export interface EnrollmentLens {
  readonly version: number
  /** A response of the successor → of this version. What cannot be said downwards is dropped here and nowhere else. */
  readonly down: (newer: JsonObject) => JsonObject
  /** A request body of this version → of the successor. Members that this version does not know come from what is stored (PUT) or stay absent (POST). */
  readonly up: (older: JsonObject, stored: EnrollmentSettings | null) => JsonObject
  /** Where a member of the successor stands in this version: JSON pointers, for the names of bad fields. */
  readonly pointers: Readonly<Record<string, string>>
  /** Bad values of members that the successor does not have, said in this version's own words. */
  readonly faults?: (older: JsonObject) => readonly FieldError[]
}

export const sameAsSuccessor = (version: number): EnrollmentLens => ({
  version,
  down: (newer) => newer,
  up: (older) => older,
  pointers: {},
})
