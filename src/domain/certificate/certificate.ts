import type { Instant } from '../time.ts'

export type KeyAlgorithm = 'RSA' | 'ECDSA'

export interface DistinguishedName {
  readonly cn: string | null
  readonly o: string | null
  readonly ou: string | null
  readonly l: string | null
  readonly st: string | null
  readonly c: string | null
}

/** What the domain needs to know of an X.509 certificate (RFC 5280); read from DER by the `CertificateReader` port. */
export interface CertificateFacts {
  /** Lower-case hex without leading zeros beyond whole octets. */
  readonly serialNumber: string
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string
  readonly subject: DistinguishedName
  readonly issuer: DistinguishedName
  /** Lower case, as in the subjectAltName extension. */
  readonly dnsNames: readonly string[]
  readonly notBefore: Instant
  readonly notAfter: Instant
  readonly keyAlgorithm: KeyAlgorithm
  readonly keyBits: number
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeyFingerprint: string
  /** For example `SHA-256`. */
  readonly signatureHash: string
  readonly isAuthority: boolean
  readonly isSelfIssued: boolean
  readonly extendedKeyUsages: readonly string[]
  readonly ocspUris: readonly string[]
}
