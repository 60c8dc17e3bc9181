import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'END_ENTITY_CERT_IN_TRUST_CHAIN'

/** It is left out of what is deployed. */
export const leafInChain: FindingRule = {
  ids: [ID],
  find: ({ chain, leaf }) =>
    chain.some(({ fingerprint }) => fingerprint === leaf.fingerprint) ? [finding(ID)] : [],
}
