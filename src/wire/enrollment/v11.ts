import { omit, within } from '../json.ts'
import type { EnrollmentLens } from './lens.ts'

/** Lacks `networkConfiguration.fipsMode` (spec: api 6). */
export const v11: EnrollmentLens = {
  version: 11,
  down: (newer) => within(newer, 'networkConfiguration', (network) => omit(network, ['fipsMode'])),
  up: (older, stored) =>
    within(older, 'networkConfiguration', (network) => ({
      ...network,
      fipsMode: stored?.networkConfiguration.fipsMode ?? null,
    })),
  pointers: {},
}
