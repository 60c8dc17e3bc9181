import { finding } from '../finding-text.ts'
import { commonNameText, pathOf } from './certificate-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'TRUST_CHAIN_VERIFY_FAILED'

/** A chain of which nothing signed the leaf, or one that signed it and was not allowed to. */
export const chainSignature: FindingRule = {
  ids: [ID],
  find(upload) {
    const others = upload.chain.filter(({ fingerprint }) => fingerprint !== upload.leaf.fingerprint)
    const leadsNowhere = upload.path.length === 0 && others.length > 0
    if (!leadsNowhere && upload.pathFault === null) return []
    return [
      finding(ID, {
        trustChainCn: commonNameText(pathOf(upload)[0] ?? others[0]),
        endEntityCn: commonNameText(upload.leaf),
      }),
    ]
  },
}
