import { finding } from '../finding-text.ts'
import { endsAtStandardRoot } from './root-standing.ts'
import type { FindingRule } from './rule.ts'

const ID = 'TRUST_CHAIN_TERMINATES_WITH_NON_STANDARD_CERTIFICATE'

export const chainRoot: FindingRule = {
  ids: [ID],
  find(upload, facts) {
    const hasChain = upload.chain.some(({ fingerprint }) => fingerprint !== upload.leaf.fingerprint)
    return hasChain && !endsAtStandardRoot(upload, facts) ? [finding(ID)] : []
  },
}
