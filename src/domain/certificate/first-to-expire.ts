import type { Instant } from '../time.ts'

/** Of a dual stack the one that decides when something has to happen; undefined: there is none. */
export const firstToExpire = <Certificate extends { readonly notAfter: Instant }>(
  certificates: readonly Certificate[],
): Certificate | undefined => certificates.toSorted((one, other) => one.notAfter - other.notAfter)[0]
