import type { ValidationType } from '../enrollment/enrollment.ts'
import type { EnrollmentId } from '../identifiers.ts'
import { DAY, HOUR, type Instant, MINUTE, plus } from '../time.ts'

/** At most so many days before expiry a renewal begins. */
export type LeadDays = Readonly<Record<ValidationType, number>>

/** CPS API: `autoRenewalStartTime`. The published day counts (spec: behaviour G1) cap a fraction of the lifetime, so that short certificates are renewed too. */
export const CPS_LEAD_DAYS: LeadDays = { ev: 90, ov: 60, 'third-party': 60, dv: 30 }

const SHORT_LIFETIME_DAYS = 10

export interface Validity {
  readonly notBefore: Instant
  readonly notAfter: Instant
}

/** A third of the lifetime, half of it below ten days (Let's Encrypt's advice for 90- and 6-day certificates), at most the cap. */
export function renewalStart(
  validationType: ValidationType,
  { notBefore, notAfter }: Validity,
  leadDays: LeadDays = CPS_LEAD_DAYS,
): Instant {
  const lifetime = notAfter - notBefore
  const share = lifetime < SHORT_LIFETIME_DAYS * DAY ? lifetime / 2 : lifetime / 3
  return plus(notAfter, -Math.min(share, leadDays[validationType] * DAY))
}

/** Of the lead; and at most this much, which spreads a fleet that was enrolled in one hour over half a day. */
const SPREAD_SHARE = 1 / 10
const SPREAD_CAP_MS = 12 * HOUR

/**
 * When the renewal of this enrollment begins: the start above, and a share of the spread that is always the same for one enrollment, so that what is
 * shown is what happens. A third-party renewal waits for a person and asks no CA, so it is not spread.
 */
export function plannedRenewal(
  id: EnrollmentId,
  validationType: ValidationType,
  validity: Validity,
  leadDays: LeadDays = CPS_LEAD_DAYS,
): Instant {
  const start = renewalStart(validationType, validity, leadDays)
  if (validationType === 'third-party') return start
  return plus(
    start,
    Math.floor(Math.min((validity.notAfter - start) * SPREAD_SHARE, SPREAD_CAP_MS) * shareOf(id)),
  )
}

/** In [0, 1), evenly over ids that follow one another (Knuth's multiplicative hash). */
export const shareOf = (id: EnrollmentId): number => (Math.imul(id, 2_654_435_761) >>> 0) / 2 ** 32

/** Who is named as the one who began a renewal that nobody asked for. CPS API: ChangeHistory, `createdBy`. */
export const RENEWAL_ENGINE = 'automatic renewal'

/** CPS API: a renewal that was cancelled is begun again after about half an hour (spec: behaviour G1). */
export const BEGINS_AGAIN_AFTER_MS = 30 * MINUTE
