import { finding } from '../finding-text.ts'
import type { RequestRule } from './rule.ts'

const ID = 'SNI_DNS_OVERLAP'

/** Another enrollment on the same network: whichever is deployed last answers to the name. */
export const namesOverlapping: RequestRule = {
  ids: [ID],
  find({ settings, overlaps }) {
    const own = settings.networkConfiguration.secureNetwork
    const names = overlaps.filter(({ secureNetwork }) => secureNetwork === own).map(({ name }) => name)
    return [...new Set(names)].map((dnsName) => finding(ID, { dnsName }))
  },
}
