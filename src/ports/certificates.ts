import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { AccountId, CertificateId, ChangeId, EnrollmentId, KeyPairId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface KeyPairRecord {
  readonly id: KeyPairId
  readonly accountId: AccountId
  readonly enrollmentId: EnrollmentId
  readonly changeId: ChangeId
  readonly keyAlgorithm: KeyAlgorithm
  /** Null once destroyed. */
  readonly sealedPrivateKey: Uint8Array | null
  readonly publicKey: Uint8Array
  readonly signingRequestPem: string
  readonly createdAt: Instant
}

export interface CertificateRecord {
  readonly id: CertificateId
  readonly accountId: AccountId
  readonly enrollmentId: EnrollmentId
  readonly changeId: ChangeId
  readonly keyPairId: KeyPairId
  readonly keyAlgorithm: KeyAlgorithm
  readonly certificatePem: string
  readonly chainPem: string
  readonly serialNumber: string
  readonly fingerprint: string
  readonly signatureHash: string
  readonly ocspUris: readonly string[]
  readonly notBefore: Instant
  readonly notAfter: Instant
  readonly createdAt: Instant
}

export interface CertificateWithKeyPair {
  readonly certificate: CertificateRecord
  readonly keyPair: Pick<KeyPairRecord, 'id' | 'accountId' | 'sealedPrivateKey' | 'signingRequestPem'>
}

export interface Certificates {
  insertKeyPair(record: KeyPairRecord): Promise<void>
  keyPairsOf(changeId: ChangeId): Promise<readonly KeyPairRecord[]>
  keyPair(id: KeyPairId): Promise<KeyPairRecord | null>
  destroyKeys(changeId: ChangeId, at: Instant): Promise<void>
  /** The first one saved for a change and algorithm stays; a second insert is ignored. */
  insert(record: CertificateRecord): Promise<void>
  ofChange(changeId: ChangeId): Promise<readonly CertificateRecord[]>
  withKeyPairsOf(changeId: ChangeId): Promise<readonly CertificateWithKeyPair[]>
  withKeyPairs(ids: readonly CertificateId[]): Promise<readonly CertificateWithKeyPair[]>
  byIds(ids: readonly CertificateId[]): Promise<readonly CertificateRecord[]>
  /** Its CA revoked it, as far as Certrail heard; the first moment stays. */
  noteRevoked(id: CertificateId, at: Instant): Promise<void>
  /** Those of `ids` that were revoked. */
  revokedAmong(ids: readonly CertificateId[]): Promise<ReadonlySet<CertificateId>>
}
