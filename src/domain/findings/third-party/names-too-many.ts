import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CERTIFICATE_DATA_EXCEEDS_MAXIMUM'

/** CPS API: Enrollment, 100 names with the CN (spec: behaviour G3). */
const MOST_NAMES = 100

export const namesTooMany: FindingRule = {
  ids: [ID],
  find: ({ leaf: { dnsNames } }) =>
    dnsNames.length > MOST_NAMES
      ? [finding(ID, { dataType: 'SAN list', size: dnsNames.length, maximum: MOST_NAMES })]
      : [],
}
