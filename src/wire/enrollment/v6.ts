import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import { isObject, type JsonObject, type JsonValue, omit, within } from '../json.ts'
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
        dnsNameSettings: isUnsaid(network['sni'], stored) ? null : (network['sni'] ?? null),
        quicEnabled: stored?.networkConfiguration.quicEnabled ?? false,
        ocspStapling: stored?.networkConfiguration.ocspStapling ?? null,
      }),
    ),
  pointers: {
    '/networkConfiguration/dnsNameSettings': '/networkConfiguration/sni',
    '/networkConfiguration/sniOnly': '/networkConfiguration/sni',
  },
}

/** What we show where nothing is stored, sent back. */
const isUnsaid = (sni: JsonValue | undefined, stored: EnrollmentSettings | null): boolean =>
  stored?.networkConfiguration.sniOnly === true &&
  stored.networkConfiguration.dnsNameSettings === null &&
  isObject(sni) &&
  sni['cloneDnsNames'] === true &&
  Array.isArray(sni['dnsNames']) &&
  sni['dnsNames'].length === 0

function sniOf(network: JsonObject): JsonObject {
  const settings = network['dnsNameSettings'] ?? null
  return isObject(settings)
    ? { ...settings, dnsNames: settings['dnsNames'] ?? [] }
    : { cloneDnsNames: true, dnsNames: [] }
}
