import { requestedNames, isCovered } from '../../enrollment/served-names.ts'
import { finding } from '../finding-text.ts'
import type { RequestRule } from './rule.ts'

const ID = 'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK'

/** Clients of these names are about to be refused. One that a wildcard of the next certificate covers goes on. */
export const namesStillLive: RequestRule = {
  ids: [ID],
  find({ settings, liveNames }) {
    const asked = requestedNames(settings)
    return liveNames.filter((name) => !isCovered(name, asked)).map((sanValue) => finding(ID, { sanValue }))
  },
}
