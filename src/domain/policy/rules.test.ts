import { expect, it } from 'vitest'
import { fromWireTime, type Instant, plus } from '../time.ts'
import {
  CERTIFICATE_VALIDITY_DAYS,
  DOMAIN_VALIDATION_REUSE_DAYS,
  inForce,
  LETS_ENCRYPT_PROFILES,
  ORGANIZATION_REUSE_DAYS,
  type PolicyRow,
} from './rules.ts'

const on = (day: string): Instant => fromWireTime(day) as Instant

const TABLES: readonly (readonly [string, readonly PolicyRow<unknown>[]])[] = [
  ['validity', CERTIFICATE_VALIDITY_DAYS],
  ['reuse of domain validation', DOMAIN_VALIDATION_REUSE_DAYS],
  ['reuse of organization vetting', ORGANIZATION_REUSE_DAYS],
  ...Object.entries(LETS_ENCRYPT_PROFILES),
]

it.each(TABLES)(
  '%s: rows stand in the order in which they come into force, each with its source',
  (_, rows) => {
    const moments = rows.map(({ from }) => from)
    expect(moments.toSorted((one, other) => one - other)).toEqual(moments)
    for (const { citation } of rows) expect(citation).not.toBe('')
  },
)

it.each([
  ['2026-03-14', 398, 398, 825],
  ['2026-03-15', 200, 200, 398],
  ['2027-03-15', 100, 100, 398],
  ['2029-03-15', 47, 10, 398],
] as const)(
  'on %s: %i days of life, %i of a proof of control, %i of an organization',
  (day, life, proof, organization) => {
    expect(inForce(CERTIFICATE_VALIDITY_DAYS, on(day))).toBe(life)
    expect(inForce(DOMAIN_VALIDATION_REUSE_DAYS, on(day))).toBe(proof)
    expect(inForce(ORGANIZATION_REUSE_DAYS, on(day))).toBe(organization)
  },
)

it('a row holds from the first moment of its day, and the first one before it too', () => {
  expect(inForce(CERTIFICATE_VALIDITY_DAYS, plus(on('2026-03-15'), -1))).toBe(398)
  expect(inForce(CERTIFICATE_VALIDITY_DAYS, on('1999-01-01'))).toBe(398)
})
