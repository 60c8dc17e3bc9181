import type { ValidationType } from '../../domain/enrollment/enrollment.ts'

interface NameLimits {
  /** CN included. */
  readonly maxAllowedSanNames: number
  readonly maxAllowedWildcardSanNames: number
}

/** spec: behaviour G3 and G5. EV never holds a wildcard (BR section 7.1.2.7.4 and the EV guidelines). */
export const NAME_LIMITS: Readonly<Record<ValidationType, NameLimits>> = {
  dv: { maxAllowedSanNames: 100, maxAllowedWildcardSanNames: 25 },
  ov: { maxAllowedSanNames: 100, maxAllowedWildcardSanNames: 25 },
  ev: { maxAllowedSanNames: 100, maxAllowedWildcardSanNames: 0 },
  'third-party': { maxAllowedSanNames: 100, maxAllowedWildcardSanNames: 100 },
}
