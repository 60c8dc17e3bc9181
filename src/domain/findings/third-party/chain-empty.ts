import { finding } from '../finding-text.ts'
import { endsAtStandardRoot } from './root-standing.ts'
import type { FindingRule } from './rule.ts'

const ID = 'TRUST_CHAIN_EMPTY_AND_CERTIFICATE_SIGNED_BY_NON_STANDARD_ROOT'

export const chainEmpty: FindingRule = {
  ids: [ID],
  find(upload, facts) {
    const isEmpty = upload.chain.every(({ fingerprint }) => fingerprint === upload.leaf.fingerprint)
    return isEmpty && !endsAtStandardRoot(upload, facts) ? [finding(ID)] : []
  },
}
