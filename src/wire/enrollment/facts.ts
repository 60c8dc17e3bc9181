import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import type { FieldError } from '../../errors/problem.ts'
import type { EnrollmentBody } from './body.ts'

/** What the rules look at. Empty texts have become null. */
export interface EnrollmentFacts {
  readonly body: EnrollmentBody
  /** What is stored, for a PUT. */
  readonly stored: EnrollmentSettings | null
  /** The service's own names, lower case; nobody may have a certificate for them. */
  readonly serviceNames: readonly string[]
}

/** One rule of spec: behaviour G3–G6. Returns every fault it sees; speaks only of members that are there, unless it asks for one. */
export type EnrollmentRule = (facts: EnrollmentFacts) => readonly FieldError[]

export const isBlank = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
