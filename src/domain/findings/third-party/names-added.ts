import { finding } from '../finding-text.ts'
import { expectedNames, namesOf } from './expected-names.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CSR_VS_CERTIFICATE_ADDITIONAL_SAN_IN_SAN_LIST_IN_CERTIFICATE'

export const namesAdded: FindingRule = {
  ids: [ID],
  find(upload, facts) {
    const expected = expectedNames(upload, facts)
    return [...namesOf(upload)]
      .filter((name) => !expected.has(name))
      .map((sanValue) => finding(ID, { sanValue }))
  },
}
