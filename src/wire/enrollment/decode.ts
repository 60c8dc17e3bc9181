import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import { type FieldError, Problem } from '../../errors/problem.ts'
import { isObject } from '../json.ts'
import { salvage } from '../salvage.ts'
import { enrollmentBody } from './body.ts'
import { onlyForSomeTypes, tlsVersions, validCombination } from './combinations.ts'
import { contactAddresses } from './contacts.ts'
import type { EnrollmentFacts, EnrollmentRule } from './facts.ts'
import { immutableMembers } from './immutable.ts'
import { lensesTo } from './lenses.ts'
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
  contactAddresses,
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
export function decodeEnrollment(
  version: number,
  body: unknown,
  context: EnrollmentDecoding,
): EnrollmentSettings {
  const { lifted, faults } = lift(version, body, context.stored)
  const read = salvage(enrollmentBody, lifted)
  const facts: EnrollmentFacts | null = read.body === null ? null : { ...context, body: read.body }
  const ruled = facts === null ? [] : RULES.flatMap((rule) => rule(facts))
  const unreadable = addedTo(
    faults,
    read.errors.map((fault) => inVersion(version, fault)),
  )
  const errors = addedTo(
    unreadable,
    ruled.map((fault) => inVersion(version, fault)),
  )
  if (errors.length > 0)
    throw new Problem('validation-error', { detail: 'The enrollment cannot be taken as it is.', errors })
  if (facts === null) throw new Error('a body without faults could not be read')
  return settingsOf(facts.body)
}

interface Lifted {
  readonly lifted: unknown
  readonly faults: readonly FieldError[]
}

/** Oldest lens first: each version is lifted to its successor until the newest is reached. */
function lift(version: number, body: unknown, stored: EnrollmentSettings | null): Lifted {
  if (!isObject(body)) return { lifted: body, faults: [] }
  let lifted = body
  const faults: FieldError[] = []
  for (const lens of [...lensesTo(version)].reverse()) {
    faults.push(...(lens.faults?.(lifted) ?? []))
    lifted = lens.up(lifted, stored)
  }
  return { lifted, faults }
}

/** Where a member of the newest version stands in the version that was sent. */
function inVersion(version: number, fault: FieldError): FieldError {
  const field = lensesTo(version).reduce((place, lens) => {
    const moved = Object.entries(lens.pointers).find(
      ([from]) => place === from || place.startsWith(`${from}/`),
    )
    return moved === undefined ? place : moved[1] + place.slice(moved[0].length)
  }, fault.field)
  return { field, detail: fault.detail }
}

/** Of a member that could not be read there is nothing more to say, nor of what it holds or is held by. */
const addedTo = (known: readonly FieldError[], more: readonly FieldError[]): readonly FieldError[] => [
  ...known,
  ...more.filter((fault) => !known.some(({ field }) => overlaps(field, fault.field))),
]

const overlaps = (left: string, right: string): boolean =>
  left === right || left.startsWith(`${right}/`) || right.startsWith(`${left}/`)
