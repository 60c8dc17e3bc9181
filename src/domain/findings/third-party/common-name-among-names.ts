import { comparableName } from '../../enrollment/served-names.ts'
import { finding } from '../finding-text.ts'
import { namesOf } from './expected-names.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CERTIFICATE_MISSING_CN_FROM_SAN_LIST'

/** RFC 9525 section 2: clients look at the SANs alone, so a common name that is not among them serves nobody. */
export const commonNameAmongNames: FindingRule = {
  ids: [ID],
  find(upload) {
    const { keyAlgorithm, leaf } = upload
    const cn = leaf.subject.cn
    if (cn === null || cn === '' || namesOf(upload).has(comparableName(cn))) return []
    return [finding(ID, { keyAlgorithm })]
  },
}
