import type { Quotas } from '../../src/domain/quotas.ts'

/** Every account may have as much as it likes. */
export const NO_QUOTAS: Quotas = {
  enrollments: null,
  openChanges: null,
  uploads: null,
  zones: null,
  recordSets: null,
  trustChainSets: null,
  trustChainRevisions: null,
  enrollmentIntervalMs: 0,
}
