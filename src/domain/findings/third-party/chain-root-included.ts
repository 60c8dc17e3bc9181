import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'TRUST_CHAIN_INCLUDES_STANDARD_ROOT_CERTIFICATE'

/** Clients have it; it is left out of what is deployed. When roots are not judged none is known to be standard. */
export const chainRootIncluded: FindingRule = {
  ids: [ID],
  find: ({ chain }, { standardRoots }) =>
    standardRoots !== 'any' && chain.some(({ fingerprint }) => standardRoots.has(fingerprint))
      ? [finding(ID)]
      : [],
}
