import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CERTIFICATE_SELF_SIGNED'

export const selfSigned: FindingRule = {
  ids: [ID],
  find: ({ leaf }) => (leaf.isSelfIssued ? [finding(ID)] : []),
}
