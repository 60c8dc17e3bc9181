import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CERTIFICATE_ALREADY_LOADED'

/** The text says nothing of where, since one account learns nothing of another. */
export const keyElsewhere: FindingRule = {
  ids: [ID],
  find: ({ keyAlgorithm, leaf }, { keysOfOthers }) =>
    keysOfOthers.has(leaf.publicKeyFingerprint) ? [finding(ID, { keyAlgorithm })] : [],
}
