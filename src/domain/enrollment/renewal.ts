import { DAY, type Instant, plus } from '../time.ts'
import type { ValidationType } from './enrollment.ts'

/** CPS API: `autoRenewalStartTime`. The published day counts (spec: behaviour G1) cap a fraction of the lifetime, so that short certificates are renewed too. */
const LEAD_CAP_DAYS: Readonly<Record<ValidationType, number>> = { ev: 90, ov: 60, 'third-party': 60, dv: 30 }

const SHORT_LIFETIME_DAYS = 10

/** A third of the lifetime, half of it below ten days (Let's Encrypt's advice for 90- and 6-day certificates), at most the cap. */
export function renewalStart(validationType: ValidationType, notBefore: Instant, notAfter: Instant): Instant {
  const lifetime = notAfter - notBefore
  const share = lifetime < SHORT_LIFETIME_DAYS * DAY ? lifetime / 2 : lifetime / 3
  return plus(notAfter, -Math.min(share, LEAD_CAP_DAYS[validationType] * DAY))
}
