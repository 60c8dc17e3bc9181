import type { CertificateFacts, DistinguishedName, KeyAlgorithm } from '../../certificate/certificate.ts'
import type { LeadDays } from '../../renewal/renewal-start.ts'
import type { Instant } from '../../time.ts'

/** What our own signing request asks for. */
export interface SigningRequestFacts {
  readonly subject: DistinguishedName
  /** As written; empty when the enrollment leaves the SANs to the CA (`thirdParty.excludeSans`). */
  readonly dnsNames: readonly string[]
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeyFingerprint: string
}

/** One certificate that was uploaded, with its chain. */
export interface UploadedCertificate {
  readonly keyAlgorithm: KeyAlgorithm
  readonly signingRequest: SigningRequestFacts
  readonly leaf: CertificateFacts
  /** As written in the certificate; `leaf.dnsNames` are lower case. */
  readonly writtenDnsNames: readonly string[]
  /** Object identifier of the algorithm that the leaf was signed with. */
  readonly signatureAlgorithm: string
  /** Every certificate of the trust chain, in the order of the upload. */
  readonly chain: readonly CertificateFacts[]
  /** Places in `chain` of the leaf's issuer, its issuer and so on; each signature was verified. Ends at a self-issued certificate or where no issuer was uploaded. */
  readonly path: readonly number[]
  /** Why the path may not stand for the leaf although it was found, dates apart (RFC 5280 section 6.1); null: nothing against it. */
  readonly pathFault: string | null
  /** SHA-256 of the roots at which the path ends: uploaded, or known and the signer of a certificate on it. Empty: none was found. */
  readonly roots: readonly string[]
}

/** SHA-256 of the roots that count as standard; `any`: roots are not judged. */
export type StandardRoots = 'any' | ReadonlySet<string>

export interface UploadFacts {
  readonly uploads: readonly UploadedCertificate[]
  /** One for each signing request of the change. */
  readonly expectedAlgorithms: readonly KeyAlgorithm[]
  /** Canonical: what the enrollment is to have. */
  readonly requestedNames: readonly string[]
  /** Null: the enrollment asks for none. */
  readonly requestedSignatureHash: string | null
  readonly standardRoots: StandardRoots
  /** Canonical: what this enrollment's certificate answers to on the networks now. */
  readonly liveNames: readonly string[]
  /** SHA-256 of keys that were seen under another account. */
  readonly keysOfOthers: ReadonlySet<string>
  /** When a renewal of it would begin. */
  readonly leadDays: LeadDays
  readonly now: Instant
}
