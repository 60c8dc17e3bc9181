import type { ValidationType } from '../enrollment/enrollment.ts'
import { DAY, HOUR, type Instant, fromWireTime } from '../time.ts'

/** A value that holds from a day on, until the next row. */
interface Row<T> {
  readonly from: Instant
  readonly value: T
}

type IssuedType = Exclude<ValidationType, 'third-party'>

/** BR section 6.3.2: the longest life of a public TLS certificate issued on or after `from`, in days of 86,400 s, both ends counted. */
const LONGEST_DAYS: readonly Row<number>[] = [
  row('2020-09-01', 398),
  row('2026-03-15', 200),
  row('2027-03-15', 100),
  row('2029-03-15', 47),
]

/** Let's Encrypt, "Decreasing Certificate Lifetimes to 45 Days" (2 December 2025): its default profile, and how long a proof of control is used again. */
const LETS_ENCRYPT: readonly Row<{ readonly days: number; readonly reuseMs: number }>[] = [
  row('2015-12-03', { days: 90, reuseMs: 30 * DAY }),
  row('2027-02-10', { days: 64, reuseMs: 10 * DAY }),
  row('2028-02-16', { days: 45, reuseMs: 7 * HOUR }),
]

/** CPS API: "about one year" and "about 13 months" (spec/behaviour.md G2); the limit in force, less a day, comes before both. */
const ORDINARY_DAYS: Readonly<Record<Exclude<IssuedType, 'dv'>, number>> = { ov: 365, ev: 397 }

/** What a public root may have signed at `at`. Private roots know no limit. */
export const longestValidityDays = (at: Instant): number => inForce(LONGEST_DAYS, at)

/**
 * What the sandbox CA gives at `at`. One day below the limit of BR section 6.3.2 (397 of 398, 199 of 200, 99 of 100, 46 of 47),
 * so that no reading of "inclusive" puts a certificate over it.
 */
export function validityDays(validationType: IssuedType, at: Instant): number {
  const most = longestValidityDays(at) - 1
  const ordinary = validationType === 'dv' ? inForce(LETS_ENCRYPT, at).days : ORDINARY_DAYS[validationType]
  return Math.min(ordinary, most)
}

/** How long a valid authorization of the sandbox CA serves later orders of the same account and name. */
export const authorizationReuseMs = (at: Instant): number => inForce(LETS_ENCRYPT, at).reuseMs

/** Before the first row the first row holds: nobody turns the clock that far back. */
function inForce<T>(rows: readonly Row<T>[], at: Instant): T {
  const [first, ...later] = rows
  if (first === undefined) throw new RangeError('a table of validity has no rows')
  return later.reduce((current, next) => (next.from <= at ? next : current), first).value
}

function row<T>(day: string, value: T): Row<T> {
  const from = fromWireTime(day)
  if (from === null) throw new RangeError(`not a day: ${day}`)
  return { from, value }
}
