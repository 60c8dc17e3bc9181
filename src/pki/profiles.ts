import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import { DAY, HOUR } from '../domain/time.ts'
import type { KeyUsage } from './extensions.ts'
import { OID } from './object-identifiers.ts'

/** What a certificate of one kind says, apart from names, key and dates. RFC 5280 section 4.2, BR section 7.1.2. */
export interface CertificateProfile {
  readonly isAuthority: boolean
  /** How many authorities may follow below; null: no limit is written. */
  readonly pathLength: number | null
  readonly keyUsages: Readonly<Record<KeyAlgorithm, readonly KeyUsage[]>>
  readonly extendedKeyUsages: readonly string[]
  readonly policies: readonly string[]
  /** How far before the moment of issuing it begins, for clients whose clocks are behind. */
  readonly backdateMs: number
}

const SIGNS_CERTIFICATES = { ECDSA: ['keyCertSign', 'cRLSign'], RSA: ['keyCertSign', 'cRLSign'] } as const
/** BR section 7.1.2.7.11: key encipherment is for RSA alone (the old TLS key exchange). */
const SERVES = { ECDSA: ['digitalSignature'], RSA: ['digitalSignature', 'keyEncipherment'] } as const

const leaf = (policies: readonly string[]): CertificateProfile => ({
  isAuthority: false,
  pathLength: null,
  keyUsages: SERVES,
  extendedKeyUsages: [OID.serverAuth],
  policies,
  backdateMs: HOUR,
})

const root = (): CertificateProfile => ({
  isAuthority: true,
  pathLength: null,
  keyUsages: SIGNS_CERTIFICATES,
  extendedKeyUsages: [],
  policies: [],
  backdateMs: DAY,
})

export const PROFILES = {
  'sandbox-root': root(),
  'sandbox-intermediate': {
    isAuthority: true,
    pathLength: 0,
    keyUsages: SIGNS_CERTIFICATES,
    extendedKeyUsages: [OID.serverAuth],
    policies: [OID.anyPolicy],
    backdateMs: DAY,
  },
  'service-root': root(),
  service: leaf([]),
  dv: leaf([OID.domainValidated]),
  ov: leaf([OID.organizationValidated]),
  ev: leaf([OID.extendedValidation]),
} as const satisfies Record<string, CertificateProfile>

export type ProfileName = keyof typeof PROFILES
