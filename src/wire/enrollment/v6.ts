import { isObject, type JsonObject, omit, within } from '../json.ts'
import type { EnrollmentLens } from './lens.ts'

const SINCE_7 = [
  'certificateChainType',
  'enableMultiStackedCertificates',
  'maxAllowedSanNames',
  'maxAllowedWildcardSanNames',
]
const NETWORK_SINCE_7 = ['dnsNameSettings', 'sniOnly', 'quicEnabled', 'ocspStapling']

/** `sni` says both `sniOnly` (it is there or null) and `dnsNameSettings`; no chain type, dual stack, limits, QUIC or stapling. */
export const v6: EnrollmentLens = {
  version: 6,
  down: (newer) =>
    within(omit(newer, SINCE_7), 'networkConfiguration', (network) => ({
      ...omit(network, NETWORK_SINCE_7),
      sni: network['sniOnly'] === true ? sniOf(network) : null,
    })),
  up: (older, stored) =>
    within(
      {
        ...older,
        certificateChainType: stored?.certificateChainType ?? null,
        enableMultiStackedCertificates: stored?.enableMultiStackedCertificates ?? false,
      },
      'networkConfiguration',
      (network) => ({
        ...omit(network, ['sni']),
        sniOnly: (network['sni'] ?? null) !== null,
        dnsNameSettings: network['sni'] ?? null,
        quicEnabled: stored?.networkConfiguration.quicEnabled ?? false,
        ocspStapling: stored?.networkConfiguration.ocspStapling ?? null,
      }),
    ),
  pointers: {
    '/networkConfiguration/dnsNameSettings': '/networkConfiguration/sni',
    '/networkConfiguration/sniOnly': '/networkConfiguration/sni',
  },
}

function sniOf(network: JsonObject): JsonObject {
  const settings = network['dnsNameSettings'] ?? null
  return isObject(settings)
    ? { ...settings, dnsNames: settings['dnsNames'] ?? [] }
    : { cloneDnsNames: true, dnsNames: [] }
}
