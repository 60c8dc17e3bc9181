import { requestedNames } from '../../enrollment/served-names.ts'
import { finding } from '../finding-text.ts'
import type { RequestRule } from './rule.ts'

const ID = 'SANS_REMOVED_REQUIRE_ACKNOWLEDGEMENT'

/** Names of the certificate that is live which the next one is not to have. All of them in one text. */
export const namesRemoved: RequestRule = {
  ids: [ID],
  find({ settings, settled }) {
    const kept = new Set(requestedNames(settings))
    const removed = settled === null ? [] : requestedNames(settled).filter((name) => !kept.has(name))
    return removed.length === 0 ? [] : [finding(ID, { sanString: removed.join(', ') })]
  },
}
