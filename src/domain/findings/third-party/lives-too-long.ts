import { DAY } from '../../time.ts'
import { LONGEST_WARNED_DAYS } from '../lifetime-limits.ts'
import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CERTIFICATE_EXPIRATION_DATE_BEYOND_MAX_DAYS'

/** Gregorian, on average; the text wants no more than an impression. */
const DAYS_A_MONTH = 365.2425 / 12

export const livesTooLong: FindingRule = {
  ids: [ID],
  find({ keyAlgorithm, leaf }, { now }) {
    if (leaf.notAfter - leaf.notBefore <= LONGEST_WARNED_DAYS * DAY) return []
    const months = Math.floor((leaf.notAfter - now) / DAY / DAYS_A_MONTH)
    return [
      finding(ID, {
        keyAlgorithm,
        certificateExpirationYears: Math.floor(months / 12),
        certificateExpirationMonths: months % 12,
      }),
    ]
  },
}
