import { finding } from '../finding-text.ts'
import type { RequestRule } from './rule.ts'

const ID = 'OVERLAPPING_TRAFFIC_CLASS'

/** Enhanced TLS against Standard TLS (spec: behaviour G9): a slip in DNS would take the traffic of one to the other. */
export const trafficClass: RequestRule = {
  ids: [ID],
  find({ settings, overlaps }) {
    const own = settings.networkConfiguration.secureNetwork
    const names = overlaps.filter(({ secureNetwork }) => secureNetwork !== own).map(({ name }) => name)
    return names.length === 0 ? [] : [finding(ID, { sanString: [...new Set(names)].join(', ') })]
  },
}
