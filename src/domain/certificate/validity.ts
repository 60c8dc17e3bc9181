import type { ValidationType } from '../enrollment/enrollment.ts'
import {
  CERTIFICATE_VALIDITY_DAYS,
  inForce,
  type IssuingProfile,
  LETS_ENCRYPT_PROFILES,
} from '../policy/rules.ts'
import { DAY, type Instant } from '../time.ts'

type IssuedType = Exclude<ValidationType, 'third-party'>

/** CPS API: "about one year" and "about 13 months" (spec/behaviour.md G2); the limit in force, less a day, comes before both. */
const ORDINARY_DAYS: Readonly<Record<Exclude<IssuedType, 'dv'>, number>> = { ov: 365, ev: 397 }

/** What a public root may have signed at `at`. Private roots know no limit. */
export const longestValidityDays = (at: Instant): number => inForce(CERTIFICATE_VALIDITY_DAYS, at)

/**
 * What the sandbox CA gives at `at`, in days, not always whole ones. One day below the limit of BR section 6.3.2 (397 of 398, 199 of 200, 99 of 100, 46 of
 * 47), so that no reading of "inclusive" puts a certificate over it. The profile is that of DV alone.
 */
export function validityDays(
  validationType: IssuedType,
  at: Instant,
  profile: IssuingProfile = 'classic',
): number {
  const most = longestValidityDays(at) - 1
  const ordinary =
    validationType === 'dv'
      ? inForce(LETS_ENCRYPT_PROFILES[profile], at).lifetimeMs / DAY
      : ORDINARY_DAYS[validationType]
  return Math.min(ordinary, most)
}

/** How long a valid authorization of the sandbox CA serves later orders of the same account and name. */
export const authorizationReuseMs = (at: Instant, profile: IssuingProfile = 'classic'): number =>
  inForce(LETS_ENCRYPT_PROFILES[profile], at).authorizationReuseMs
