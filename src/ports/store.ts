import type { Change } from '../domain/change/change.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { Enrollment, EnrollmentSettings, NetworkConfiguration } from '../domain/enrollment/enrollment.ts'
import type {
  AccountId,
  CertificateId,
  ChangeId,
  ContractId,
  DeploymentId,
  EnrollmentId,
  KeyPairId,
} from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { OverlappingName } from '../domain/findings/request/request-facts.ts'
import type { Instant } from '../domain/time.ts'
import type { ChallengeType } from './certificate-authority.ts'
import type { ApiClients } from './api-clients.ts'
import type { AuditLog } from './audit-log.ts'
import type { DnsZones } from './dns-zones.ts'
import type { EnrollmentLifecycle } from './enrollment-lifecycle.ts'
import type { PlacedRecords } from './placed-records.ts'
import type { Maintenances } from './maintenances.ts'
import type { NoticeRecord, Notices } from './notices.ts'
import type { Renewals } from './renewals.ts'
import type { TrustChainSets } from './trust-chain-sets.ts'
import type { Vettings } from './vetting.ts'
import type { Histories } from './histories.ts'
import type { ValidationRecord } from './challenge-look.ts'
import type { FrozenContents } from './frozen-contents.ts'
import type { Uploads } from './uploads.ts'
import type { Usage } from './usage.ts'

export interface AccountRecord {
  readonly id: AccountId
  readonly name: string
  readonly switchKey: string | null
}

export interface ChangeEventRecord {
  readonly id: number
  readonly changeId: ChangeId
  readonly enrollmentId: EnrollmentId
  readonly event: string
  readonly status: string
  readonly state: string
  readonly at: Instant
  readonly realAt: Instant
}

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

export interface StoredChallenge {
  readonly type: ChallengeType
  readonly token: string
  readonly keyAuthorization: string
  readonly status: 'pending' | 'valid' | 'invalid' | 'expired'
  readonly error: string | null
  readonly records: readonly ValidationRecord[]
}

export interface NameValidationRecord {
  readonly changeId: ChangeId
  readonly enrollmentId: EnrollmentId
  readonly accountId: AccountId
  readonly domain: string
  readonly generation: number
  readonly status: 'awaiting' | 'checking' | 'failed-look' | 'valid' | 'expired' | 'invalid'
  readonly error: string | null
  readonly challenges: readonly StoredChallenge[]
  /** Whether our own HTTP port and DNS responder answer with it. */
  readonly published: boolean
  readonly requestedAt: Instant
  readonly validatedAt: Instant | null
  readonly expiresAt: Instant | null
}

export interface DeploymentRecord {
  readonly id: DeploymentId
  readonly accountId: AccountId
  readonly enrollmentId: EnrollmentId
  readonly changeId: ChangeId
  readonly network: Network
  /** Of the change on this network, from 1: what it serves is written once, other certificates are another deployment. */
  readonly generation: number
  readonly certificateIds: readonly CertificateId[]
  readonly settings: NetworkConfiguration
  readonly servedNames: readonly string[]
  readonly state: 'pending' | 'active' | 'replaced' | 'failed' | 'withdrawn'
  /** What each name was answered with before, for the way back. */
  readonly replaces: Readonly<Record<string, DeploymentId | null>>
  readonly createdAt: Instant
  readonly activatedAt: Instant | null
}

export interface HandshakeRecord {
  readonly changeId: ChangeId
  readonly network: Network
  readonly address: string
  readonly serverName: string
  readonly serialNumber: string
  readonly fingerprint: string
  readonly protocol: string
  readonly realAt: Instant
}

/** What is kept of a change's move besides where it led. */
export interface MoveNote {
  readonly event: string
  /** Lifecycle clock. */
  readonly at: Instant
  readonly realAt: Instant
  /** Workers are told that the change has something to do after this long; null: nobody needs to be told. */
  readonly wakeAfterMs: number | null
}

/** Rows that a step leaves behind, written by the very statement that moves its change. What does not fit in here takes a transaction. */
export interface Kept {
  /** Of a change and algorithm the first one stays. */
  readonly keyPairs?: readonly KeyPairRecord[]
  /** Of a change and algorithm the first one stays. */
  readonly certificates?: readonly CertificateRecord[]
  /** Inserted, or saved where this generation of the name stands. */
  readonly validations?: readonly NameValidationRecord[]
  /** All generations of all names of the change, `validations` included, are answered by nobody any more. */
  readonly unpublishes?: boolean
  readonly handshakes?: readonly HandshakeRecord[]
  /** For the outbox. */
  readonly notices?: readonly NoticeRecord[]
  /** As `Deployments.activate` does it. */
  readonly activates?: { readonly id: DeploymentId; readonly at: Instant }
  /** The enrollment is what the change asked for; `autoRenewalStartTime` null: as it was. Nothing where the enrollment is removed. */
  readonly settles?: { readonly settings: EnrollmentSettings; readonly autoRenewalStartTime: Instant | null }
}

/** What is shown of a change. */
export type ChangeOutline = Pick<
  Change,
  'id' | 'enrollmentId' | 'action' | 'status' | 'state' | 'error' | 'notBefore' | 'notAfter' | 'revision'
>

/**
 * Written by compare-and-swap on `revision`: false when somebody else wrote first, and then nothing was written. With the change go its history, its
 * wake-up, and the note to those who wait for it: one statement, since it is the most frequent one.
 */
export interface Changes {
  insert(change: Change, note: MoveNote): Promise<void>
  record(change: Change, note: MoveNote, kept?: Kept): Promise<boolean>
  find(accountId: AccountId, enrollmentId: EnrollmentId, id: ChangeId): Promise<Change | null>
  /** The most frequent read. */
  outline(accountId: AccountId, enrollmentId: EnrollmentId, id: ChangeId): Promise<ChangeOutline | null>
  load(id: ChangeId): Promise<Change | null>
  openOf(enrollmentIds: readonly EnrollmentId[]): Promise<readonly Change[]>
  /** Without history or note: for what nobody can see. */
  save(change: Change): Promise<boolean>
  isDue(id: ChangeId, at: Instant): Promise<boolean>
  /** Changes that have something to do at `at`, the earliest first; then those that have ended, or failed, before a removal that waits for them. */
  due(at: Instant, limit: number): Promise<readonly ChangeId[]>
  countsByStatus(): Promise<
    readonly { status: string; state: string; count: number; oldestEnteredAt: Instant }[]
  >
}

export interface Enrollments {
  /** With its names, common name first; after `claimNames`, in the same transaction. */
  insert(enrollment: Enrollment, names: readonly string[]): Promise<void>
  find(accountId: AccountId, id: EnrollmentId): Promise<Enrollment | null>
  list(accountId: AccountId, contractId: ContractId | null): Promise<readonly Enrollment[]>
  save(enrollment: Enrollment): Promise<boolean>
  hasCommonName(accountId: AccountId, contractId: ContractId, commonName: string): Promise<boolean>
  /** Which of these names another enrollment of the same account asks for too, exactly or through a wildcard, in their order. */
  overlappingNames(
    accountId: AccountId,
    id: EnrollmentId,
    names: readonly string[],
  ): Promise<readonly OverlappingName[]>
  /**
   * The first of these names that another account holds, exactly or through a wildcard; null: all are free for this account. Until the transaction ends
   * nobody else can claim a name of the same base.
   */
  claimNames(accountId: AccountId, names: readonly string[]): Promise<string | null>
  /** After `claimNames`, in the same transaction. Names that the enrollment had before stay. */
  recordNames(accountId: AccountId, id: EnrollmentId, names: readonly string[]): Promise<void>
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
}

export interface Validations {
  /** Inserted, or saved where this generation of the name stands. */
  save(records: readonly NameValidationRecord[]): Promise<void>
  /** The newest generation of each name. */
  currentOf(changeId: ChangeId): Promise<readonly NameValidationRecord[]>
  setPublished(changeId: ChangeId, published: boolean): Promise<void>
  /** The account's changes that rest at domain validation with one of these names (without its wildcard) are due at `at`, for another look. */
  lookAgain(accountId: AccountId, baseNames: readonly string[], at: Instant): Promise<void>
}

export interface Deployments {
  /** The latest generation. */
  find(changeId: ChangeId, network: Network): Promise<DeploymentRecord | null>
  /** Every generation, the latest first. */
  ofChange(changeId: ChangeId, network: Network): Promise<readonly DeploymentRecord[]>
  active(enrollmentId: EnrollmentId): Promise<readonly DeploymentRecord[]>
  activeOfAccount(
    accountId: AccountId,
  ): Promise<readonly Pick<DeploymentRecord, 'enrollmentId' | 'network'>[]>
  /** Inserts the deployment as `pending` unless it stands already, and points its names at it; returns what stands. */
  begin(record: DeploymentRecord): Promise<DeploymentRecord>
  /** `pending` becomes `active`, the network's former one of this enrollment `replaced`. Throws where it never began. */
  activate(id: DeploymentId, at: Instant): Promise<void>
  /**
   * Points names back at what they were answered with before; the deployment becomes `failed`, and the one of this enrollment that it had replaced is
   * active again. Throws where it never began.
   */
  revert(id: DeploymentId): Promise<void>
}

export interface Handshakes {
  insert(records: readonly HandshakeRecord[]): Promise<void>
  ofChange(changeId: ChangeId): Promise<readonly HandshakeRecord[]>
}

export interface ChangeEvents {
  ofChange(changeId: ChangeId): Promise<readonly ChangeEventRecord[]>
  ofAccountAfter(accountId: AccountId, id: number, limit: number): Promise<readonly ChangeEventRecord[]>
  newestId(): Promise<number>
}

export interface Accounts {
  insert(account: AccountRecord, at: Instant): Promise<void>
  find(id: AccountId): Promise<AccountRecord | null>
  bySwitchKey(switchKey: string): Promise<AccountRecord | null>
  insertContract(id: ContractId, accountId: AccountId, at: Instant): Promise<void>
  contractOwner(id: ContractId): Promise<AccountId | null>
  contractsOf(accountId: AccountId): Promise<readonly ContractId[]>
  isEmpty(): Promise<boolean>
  /** Until the transaction ends no other process makes first accounts or plants seeds. */
  waitForFirstStart(): Promise<void>
}

/** Everything inside one transaction sees one state; outside, each call commits by itself. */
export interface Repositories {
  readonly vettings: Vettings
  readonly due: { earliest(): Promise<Instant | null> }
  readonly lifecycle: EnrollmentLifecycle
  readonly renewals: Renewals
  readonly maintenances: Maintenances
  readonly notices: Notices
  readonly accounts: Accounts
  readonly clients: ApiClients
  readonly enrollments: Enrollments
  readonly changes: Changes
  readonly events: ChangeEvents
  readonly certificates: Certificates
  readonly uploads: Uploads
  readonly usage: Usage
  readonly frozenContents: FrozenContents
  readonly validations: Validations
  readonly placedRecords: PlacedRecords
  readonly deployments: Deployments
  readonly handshakes: Handshakes
  readonly histories: Histories
  readonly dnsZones: DnsZones
  readonly trustChainSets: TrustChainSets
  readonly audit: AuditLog
  /** Tells the workers that this change has something to do: a hint, for who does not want to wait for their next look. */
  wake(changeId: ChangeId): Promise<void>
}

export interface Store {
  readonly read: Repositories
  transaction<T>(work: (tx: Repositories) => Promise<T>): Promise<T>
  /** The next id of each counter, with random gaps, so that ids tell nothing about other accounts. Never handed out twice. */
  nextIds<Counter extends 'enrollment' | 'change' | 'slot' | 'trust-chain-set'>(
    counters: readonly Counter[],
  ): Promise<Record<Counter, number>>
  /**
   * Runs `work` while holding the change's advisory lock on a connection of its own; all of `work`'s statements use that connection,
   * so a lost connection loses the lock and the right to write together. `{held: false}` when another holds it.
   */
  withChangeLock<T>(
    id: ChangeId,
    work: (locked: LockedStore) => Promise<T>,
  ): Promise<{ held: true; value: T } | { held: false }>
}

export interface LockedStore {
  readonly read: Repositories
  transaction<T>(work: (tx: Repositories) => Promise<T>): Promise<T>
}
