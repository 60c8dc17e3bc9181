import type { Finding } from '../../change/change.ts'
import { isCovered, namesOutside, requestedNames } from '../../enrollment/served-names.ts'
import { finding } from '../finding-text.ts'
import type { RequestFacts } from './request-facts.ts'
import type { RequestRule } from './rule.ts'

const NEVER = 'DNS_NAME_NOT_CONTAINED'
const NO_LONGER = 'DNS_NAME_IS_NO_LONGER_CONTAINED'

const CERTIFICATE = 'the CN and SANs of the certificate'

/** Names chosen to be served (`dnsNameSettings`) for which there will be no certificate: the networks do not answer to them. */
export const namesNotContained: RequestRule = {
  ids: [NEVER, NO_LONGER],
  find: (facts) => namesOutside(facts.settings).map((dnsName) => outside(dnsName, facts)),
}

function outside(dnsName: string, { settled }: RequestFacts): Finding {
  const values = { dnsName, nameOfSuperSet: CERTIFICATE }
  const wasCovered = settled !== null && isCovered(dnsName, requestedNames(settled))
  return wasCovered ? finding(NO_LONGER, values) : finding(NEVER, values)
}
