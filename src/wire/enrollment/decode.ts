import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import { type FieldError, Problem } from '../../errors/problem.ts'
import { isObject } from '../json.ts'
import { salvage } from '../salvage.ts'
import { enrollmentBody } from './body.ts'
import { onlyForSomeTypes, tlsVersions, validCombination } from './combinations.ts'
import type { EnrollmentFacts, EnrollmentRule } from './facts.ts'
import { immutableMembers } from './immutable.ts'
import { lensesTo, NEWEST } from './lenses.ts'
import { commonNameLength, dnsNames, nameCounts } from './named.ts'
import { requiredMembers, vettedOrganization } from './required.ts'
import { settingsOf } from './settings.ts'

export interface EnrollmentDecoding {
  /** What is stored, for a PUT; null for a POST. */
  readonly stored: EnrollmentSettings | null
  readonly serviceNames: readonly string[]
}

const RULES: readonly EnrollmentRule[] = [
  requiredMembers,
  validCombination,
  onlyForSomeTypes,
  vettedOrganization,
  dnsNames,
  commonNameLength,
  nameCounts,
  tlsVersions,
  immutableMembers,
]

/**
 * A request body of any version → the domain's settings. Values stay as the caller wrote them.
 * @throws Problem 'validation-error' that names every bad field, by its place in the body that was sent.
 */
export function decodeEnrollment(version: number, body: unknown, context: EnrollmentDecoding): EnrollmentSettings {
  const read = salvage(enrollmentBody, upgrade(version, body, context.stored))
  const facts: EnrollmentFacts | null = read.body === null ? null : { ...context, body: read.body }
  const ruled = facts === null ? [] : RULES.flatMap((rule) => rule(facts))
  const errors = [...read.errors, ...ruled.filter((fault) => !read.errors.some((known) => overlaps(known.field, fault.field)))]
  if (errors.length > 0)
    throw new Problem('validation-error', {
      detail: 'The enrollment cannot be taken as it is.',
      errors: unique(errors.map((error) => ({ ...error, field: placeIn(version, error.field) }))),
    })
  if (facts === null) throw new Error('a body without faults could not be read')
  return settingsOf(facts.body)
}

/** Oldest lens first: each version is lifted to its successor until the newest is reached. */
function upgrade(version: number, body: unknown, stored: EnrollmentSettings | null): unknown {
  if (!isObject(body) || version >= NEWEST) return body
  return lensesTo(version).reduceRight((json, lens) => lens.up(json, stored), body)
}

/** Where a member of the newest version stands in the version that was sent. */
function placeIn(version: number, field: string): string {
  return lensesTo(version).reduce((place, lens) => {
    const moved = Object.entries(lens.pointers).find(([from]) => place === from || place.startsWith(`${from}/`))
    return moved === undefined ? place : moved[1] + place.slice(moved[0].length)
  }, field)
}

/** A rule has nothing to add about a member that could not be read. */
const overlaps = (known: string, field: string): boolean => known === field || known.startsWith(`${field}/`) || field.startsWith(`${known}/`)

const unique = (errors: readonly FieldError[]): readonly FieldError[] => [
  ...new Map(errors.map((error) => [`${error.field} ${error.detail}`, error])).values(),
]
