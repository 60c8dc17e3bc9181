import type { CertificateFacts } from '../domain/certificate/certificate.ts'
import type { Instant } from '../domain/time.ts'

export type ChainVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly code: 'expired' | 'not-yet-valid' | 'unknown-root' | 'broken-chain' | 'not-an-authority'
      readonly detail: string
    }

export interface CertificateReader {
  /** One certificate, PEM or DER. Throws `Problem('malformed-certificate')`. */
  read(certificate: string | Uint8Array): CertificateFacts
  /** Splits concatenated PEM (CRLF, text and blank lines between blocks allowed) into DER. Throws `Problem('malformed-certificate')`. */
  split(pem: string): readonly Uint8Array[]
  toPem(der: Uint8Array): string
  /** SHA-256 of the SubjectPublicKeyInfo of a PEM certificate signing request; throws `Problem('malformed-signing-request')`. */
  signingRequestKeyFingerprint(pem: string): string
  /** SHA-256 of the one key in a PEM certificate, signing request or public key, lower-case hex; throws `Problem('malformed-certificate')`. */
  publicKeyFingerprintIn(pem: string): string
  /**
   * Path from leaf over exactly `intermediates` (in any order) to one of `roots`, every signature and validity checked at `at`;
   * RFC 5280 section 6, without policies and name constraints. Nothing is fetched.
   */
  verifyChain(
    leaf: Uint8Array,
    intermediates: readonly Uint8Array[],
    roots: readonly Uint8Array[],
    at: Instant,
  ): ChainVerdict
}
