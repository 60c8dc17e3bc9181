import { renewalStart } from '../../renewal/renewal-start.ts'
import { DAY } from '../../time.ts'
import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

const SOON = 'CERTIFICATE_EXPIRATION_DATE_IN_NEAR_FUTURE'
const SHORT = 'CERTIFICATE_EXPIRATION_TOO_SHORT'

/** CPS API: seven days before expiry what waits is pushed to production by itself (spec: behaviour C7); less than that leaves no time to decide. */
const LEAST_DAYS = 7

/** Near: its renewal would begin at once. Of both, the more urgent is told. */
export const expiresSoon: FindingRule = {
  ids: [SOON, SHORT],
  find({ keyAlgorithm, leaf }, { now, leadDays }) {
    const daysLeft = (leaf.notAfter - now) / DAY
    if (daysLeft < LEAST_DAYS) {
      return [finding(SHORT, { keyAlgorithm, certificateExpirationDays: Math.max(1, Math.ceil(daysLeft)) })]
    }
    const renewal = renewalStart('third-party', leaf, leadDays)
    return renewal <= now ? [finding(SOON, { keyAlgorithm })] : []
  },
}
