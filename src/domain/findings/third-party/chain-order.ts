import { finding } from '../finding-text.ts'
import { pathOf, trustChainText } from './certificate-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'UNSORTED_TRUST_CHAIN'

/** RFC 8446 section 4.4.2: each certificate should certify the one before it. The text shows the order that is used. */
export const chainOrder: FindingRule = {
  ids: [ID],
  find(upload) {
    const sorted = upload.path.every((place, index) => index === 0 || place > (upload.path[index - 1] ?? -1))
    return sorted ? [] : [finding(ID, { trustChainData: trustChainText(pathOf(upload)) })]
  },
}
