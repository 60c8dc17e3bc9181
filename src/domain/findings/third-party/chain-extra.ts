import { finding } from '../finding-text.ts'
import { trustChainText } from './certificate-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'EXTRA_CERT_IN_TRUST_CHAIN'

/** What is not on the path from the leaf upwards, and what stands there twice; the leaf itself has a warning of its own. */
export const chainExtra: FindingRule = {
  ids: [ID],
  find({ chain, leaf, path }) {
    const extra = chain.filter(
      ({ fingerprint }, place) => !path.includes(place) && fingerprint !== leaf.fingerprint,
    )
    return extra.length === 0 ? [] : [finding(ID, { trustChainData: trustChainText(extra) })]
  },
}
