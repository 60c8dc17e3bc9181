import { DAY, type Instant, plus } from '../time.ts'

/** CPS API: what is staged goes to production seven days before the live certificate expires (spec: behaviour C7). */
const LEAD_CAP_DAYS = 7

/** Of the lifetime. Seven days are a twelfth of 84: certificates of 90 days and more keep the published lead, shorter ones a share of theirs. */
const LEAD_SHARE = 1 / 12

export interface LiveCertificate {
  readonly notBefore: Instant
  readonly notAfter: Instant
}

/** Until when an acknowledgement is waited for, by the first of the live certificates to expire. Null: nothing is live, nothing can run out. */
export function acknowledgementDeadline(live: readonly LiveCertificate[]): Instant | null {
  const deadlines = live.map(({ notBefore, notAfter }) =>
    plus(notAfter, -Math.min((notAfter - notBefore) * LEAD_SHARE, LEAD_CAP_DAYS * DAY)),
  )
  return deadlines.length === 0 ? null : (Math.min(...deadlines) as Instant)
}
