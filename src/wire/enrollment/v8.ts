import { omit, within } from '../json.ts'
import type { EnrollmentLens } from './lens.ts'
import { encodeMutual } from './v12.ts'

/** Lacks `autoRenewalStartTime` and `networkConfiguration.clientMutualAuthentication`. */
export const v8: EnrollmentLens = {
  version: 8,
  down: (newer) =>
    within(omit(newer, ['autoRenewalStartTime']), 'networkConfiguration', (network) =>
      omit(network, ['clientMutualAuthentication']),
    ),
  up: (older, stored) =>
    within(older, 'networkConfiguration', (network) => ({
      ...network,
      clientMutualAuthentication: encodeMutual(
        stored?.networkConfiguration.clientMutualAuthentication ?? null,
      ),
    })),
  pointers: {},
}
