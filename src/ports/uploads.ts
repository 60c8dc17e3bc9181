import type { CertificateRecord } from './certificates.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { AccountId, ChangeId } from '../domain/identifiers.ts'

/** A certificate that came from outside, with its texts exactly as they were sent. */
export interface UploadRecord extends CertificateRecord {
  readonly uploadedCertificate: string
  readonly uploadedChain: string | null
}

export interface StoredUpload {
  readonly keyAlgorithm: KeyAlgorithm
  readonly certificate: string
  readonly trustChain: string | null
}

/** Third-party certificates of a change. One per key algorithm: a later one takes the place of the earlier, which stays only where a network has seen it. */
export interface Uploads {
  put(record: UploadRecord): Promise<void>
  ofChange(changeId: ChangeId): Promise<readonly StoredUpload[]>
  /** They cannot be used after all. */
  discard(changeId: ChangeId): Promise<void>
  /** Which of these keys (SHA-256 of the SubjectPublicKeyInfo, lower-case hex) another account has or had. */
  keysOfOthers(accountId: AccountId, fingerprints: readonly string[]): Promise<ReadonlySet<string>>
}
