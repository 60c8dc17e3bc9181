import { DAY, HOUR, type Instant, fromWireTime } from '../time.ts'

/** What holds from a day on, first moment of that day in UTC, until the next row of its rule. A new rule is a new row. */
export interface PolicyRow<T> {
  readonly from: Instant
  readonly value: T
  /** Where it is written. */
  readonly citation: string
}

/** CA/B Forum, ballot SC-081v3 (11 April 2025). */
const SC_081 = 'ballot SC-081v3'

/** The longest life of a public TLS certificate issued on or after `from`, in days of 86,400 s, both ends counted. */
export const CERTIFICATE_VALIDITY_DAYS = [
  row('2020-09-01', 398, 'BR section 6.3.2, ballot SC-031'),
  row('2026-03-15', 200, `BR section 6.3.2, ${SC_081}`),
  row('2027-03-15', 100, `BR section 6.3.2, ${SC_081}`),
  row('2029-03-15', 47, `BR section 6.3.2, ${SC_081}`),
] as const

/** How long a CA may use a proof of control of a name again, in days. */
export const DOMAIN_VALIDATION_REUSE_DAYS = [
  row('2021-10-01', 398, 'BR section 4.2.1, ballot SC-042'),
  row('2026-03-15', 200, `BR section 4.2.1, ${SC_081}`),
  row('2027-03-15', 100, `BR section 4.2.1, ${SC_081}`),
  row('2029-03-15', 10, `BR section 4.2.1, ${SC_081}`),
] as const

/** How long a CA may use what it found out about an organization (OV, EV) again, in days. */
export const ORGANIZATION_REUSE_DAYS = [
  row('2018-03-01', 825, 'BR section 4.2.1, ballot 193'),
  row('2026-03-15', 398, `BR section 4.2.1, ${SC_081}`),
] as const

/** Let's Encrypt, "Decreasing Certificate Lifetimes to 45 Days" (2 December 2025), and its page on profiles. */
const LE_45_DAYS = "Let's Encrypt, 2 December 2025"
const LE_PROFILES = "Let's Encrypt, Profiles"

export interface IssuingPractice {
  readonly lifetimeMs: number
  /** How long a valid authorization serves later orders of the same account and name. */
  readonly authorizationReuseMs: number
}

export const LETS_ENCRYPT_PROFILES = {
  classic: [
    row('2015-12-03', { lifetimeMs: 90 * DAY, authorizationReuseMs: 30 * DAY }, LE_PROFILES),
    row('2027-02-10', { lifetimeMs: 64 * DAY, authorizationReuseMs: 10 * DAY }, LE_45_DAYS),
    row('2028-02-16', { lifetimeMs: 45 * DAY, authorizationReuseMs: 7 * HOUR }, LE_45_DAYS),
  ],
  tlsserver: [
    row('2025-02-20', { lifetimeMs: 90 * DAY, authorizationReuseMs: 30 * DAY }, LE_PROFILES),
    row('2026-05-13', { lifetimeMs: 45 * DAY, authorizationReuseMs: 30 * DAY }, LE_45_DAYS),
    row('2027-02-10', { lifetimeMs: 45 * DAY, authorizationReuseMs: 10 * DAY }, LE_45_DAYS),
    row('2028-02-16', { lifetimeMs: 45 * DAY, authorizationReuseMs: 7 * HOUR }, LE_45_DAYS),
  ],
  shortlived: [
    row('2025-02-20', { lifetimeMs: 160 * HOUR, authorizationReuseMs: 30 * DAY }, LE_PROFILES),
    row('2027-02-10', { lifetimeMs: 160 * HOUR, authorizationReuseMs: 10 * DAY }, LE_45_DAYS),
    row('2028-02-16', { lifetimeMs: 160 * HOUR, authorizationReuseMs: 7 * HOUR }, LE_45_DAYS),
  ],
} as const satisfies Record<string, readonly PolicyRow<IssuingPractice>[]>

export type IssuingProfile = keyof typeof LETS_ENCRYPT_PROFILES
export const ISSUING_PROFILES = Object.keys(LETS_ENCRYPT_PROFILES) as readonly IssuingProfile[]

/** Before the first row the first row holds: nobody turns the clock that far back. */
export function rowInForce<T>(rows: readonly PolicyRow<T>[], at: Instant): PolicyRow<T> {
  const [first, ...later] = rows
  if (first === undefined) throw new RangeError('a rule without rows')
  return later.reduce((current, next) => (next.from <= at ? next : current), first)
}

export const inForce = <T>(rows: readonly PolicyRow<T>[], at: Instant): T => rowInForce(rows, at).value

function row<T>(day: string, value: T, citation: string): PolicyRow<T> {
  const from = fromWireTime(day)
  if (from === null) throw new RangeError(`not a day: ${day}`)
  return { from, value, citation }
}
