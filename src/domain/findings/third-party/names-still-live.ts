import { covers } from '../../enrollment/names.ts'
import { finding } from '../finding-text.ts'
import { namesOf } from './expected-names.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK'

/** Names that would stop being served. One that a wildcard of the certificate covers goes on. */
export const namesStillLive: FindingRule = {
  ids: [ID],
  find(upload, { liveNames }) {
    const patterns = [...namesOf(upload)]
    return liveNames
      .filter((name) => !patterns.some((pattern) => covers(pattern, name)))
      .map((sanValue) => finding(ID, { sanValue }))
  },
}
