import { finding } from '../finding-text.ts'
import { expectedNames, namesOf } from './expected-names.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CSR_VS_CERTIFICATE_MISSING_SAN_FROM_SAN_LIST_IN_CERTIFICATE'

/** To the letter: a wildcard in the certificate may serve the name, and yet is not what was asked for. */
export const namesMissing: FindingRule = {
  ids: [ID],
  find(upload, facts) {
    const found = namesOf(upload)
    return [...expectedNames(upload, facts)]
      .filter((name) => !found.has(name))
      .map((sanValue) => finding(ID, { sanValue }))
  },
}
