import { omit, within } from '../json.ts'
import type { EnrollmentLens } from './lens.ts'
import { placeOf } from './v2.ts'

/** Lacks `secureNetwork` and `disallowedTlsVersions`. */
export const v1: EnrollmentLens = {
  version: 1,
  down: (newer) =>
    within(newer, 'networkConfiguration', (network) =>
      omit(network, ['secureNetwork', 'disallowedTlsVersions']),
    ),
  up: (older, stored) =>
    within(older, 'networkConfiguration', (network) => ({
      ...network,
      secureNetwork: placeOf(network['networkType'] ?? null, stored, 'secureNetwork'),
      disallowedTlsVersions: stored?.networkConfiguration.disallowedTlsVersions ?? [],
    })),
  pointers: { '/networkConfiguration/secureNetwork': '/networkConfiguration/networkType' },
}
