import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { StandardRoots, UploadedCertificate } from '../domain/findings/third-party/upload-facts.ts'
import type { Instant } from '../domain/time.ts'

/** CPS API: CertificateAndTrustChain, one entry. */
export interface UploadEntry {
  /** JSON pointer to the entry in the body: `/certificatesAndTrustChains/0`, or empty for version 1. */
  readonly pointer: string
  readonly keyAlgorithm: KeyAlgorithm
  /** As sent; null, missing and blank are one and the same. */
  readonly certificate: string | null
  readonly trustChain: string | null
  /** The change's own request with this key algorithm; null: it has none. */
  readonly signingRequestPem: string | null
}

export interface UploadReading {
  readonly uploaded: UploadedCertificate
  /** For edges: written anew from DER, so that nothing that somebody typed gets there. */
  readonly deployable: {
    readonly certificatePem: string
    /** The leaf's issuer first, without the leaf, strangers, doubles and the root; empty when nothing remains. */
    readonly chainPem: string
  }
  /** For clients: to the letter (spec: clients D2.7). */
  readonly asUploaded: { readonly certificate: string; readonly trustChain: string | null }
}

/** Reads what somebody uploaded, by the roots that this service knows. */
export interface UploadReader {
  /** All entries of one upload; empty ones are passed over. Throws `Problem('validation-error')` with every fault of every entry. `now`: lifecycle clock. */
  read(entries: readonly UploadEntry[], now: Instant): readonly UploadReading[]
  /** CERTRAIL_TRUSTED_ROOTS. */
  readonly standardRoots: StandardRoots
}
