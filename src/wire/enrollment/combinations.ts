import type {
  CertificateType,
  RegistrationAuthority,
  ValidationType,
} from '../../domain/enrollment/enrollment.ts'
import { SPOKEN_VERSIONS, spokenVersions } from '../../domain/tls-policy/tls-policy.ts'
import type { FieldError } from '../../errors/problem.ts'
import type { EnrollmentRule } from './facts.ts'

interface Combination {
  readonly ra: RegistrationAuthority
  readonly certificateTypes: readonly CertificateType[]
}

/** spec: behaviour G5 */
const COMBINATIONS: Readonly<Record<ValidationType, Combination>> = {
  dv: { ra: 'lets-encrypt', certificateTypes: ['san', 'single', 'wildcard', 'wildcard-san'] },
  ov: { ra: 'symantec', certificateTypes: ['single', 'san', 'wildcard', 'wildcard-san'] },
  ev: { ra: 'symantec', certificateTypes: ['single', 'san'] },
  'third-party': { ra: 'third-party', certificateTypes: ['third-party'] },
}

export const validCombination: EnrollmentRule = ({ body }) => {
  const { validationType, ra, certificateType } = body
  if (!validationType) return []
  const allowed = COMBINATIONS[validationType]
  const faults: FieldError[] = []
  if (ra && ra !== allowed.ra)
    faults.push({ field: '/ra', detail: `must be ${allowed.ra} for validation type ${validationType}` })
  if (certificateType && !allowed.certificateTypes.includes(certificateType))
    faults.push({
      field: '/certificateType',
      detail: `must be one of ${allowed.certificateTypes.join(', ')} for validation type ${validationType}`,
    })
  return faults
}

export const onlyForSomeTypes: EnrollmentRule = ({ body }) => {
  if (body.validationType !== 'dv' || body.enableMultiStackedCertificates !== true) return []
  return [{ field: '/enableMultiStackedCertificates', detail: 'is not available for validation type dv' }]
}

/** What is left must be spoken by the edges, which have nothing below TLS 1.2 (RFC 8996). */
export const tlsVersions: EnrollmentRule = ({ body }) =>
  spokenVersions(body.networkConfiguration?.disallowedTlsVersions ?? []).length > 0
    ? []
    : [
        {
          field: '/networkConfiguration/disallowedTlsVersions',
          detail: `leaves no TLS version that the edges speak (${SPOKEN_VERSIONS.join(', ')})`,
        },
      ]
