import { isObject, type JsonValue, omit, within } from '../json.ts'
import type { EnrollmentLens } from './lens.ts'

/** Lacks `csr.preferredTrustChain`; a pending change is its location alone. */
export const v9: EnrollmentLens = {
  version: 9,
  down: (newer) => ({
    ...within(newer, 'csr', (csr) => omit(csr, ['preferredTrustChain'])),
    pendingChanges: locationsOf(newer['pendingChanges'] ?? []),
  }),
  up: (older, stored) =>
    within(older, 'csr', (csr) => ({ ...csr, preferredTrustChain: stored?.csr.preferredTrustChain ?? null })),
  pointers: {},
}

const locationsOf = (pending: JsonValue): readonly JsonValue[] =>
  Array.isArray(pending)
    ? pending.map((change: JsonValue) => (isObject(change) ? (change['location'] ?? null) : change))
    : []
