import type { AccountId, ChangeId, ContractId, EnrollmentId } from '../domain/identifiers.ts'
import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { Network } from '../domain/network.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { ToldNotice } from '../domain/notices/digest.ts'
import type { Maintenance } from '../domain/plan/maintenance.ts'
import type { Conflict } from '../domain/plan/renewal-moments.ts'
import type { Instant } from '../domain/time.ts'
import type { RecordSet } from '../domain/zones/record-set.ts'
import type { ClockCheck } from '../ports/clock-guard.ts'
import type { ZoneDeletion, ZoneRecord } from '../ports/dns-zones.ts'
import type { PauseRecord } from '../ports/pauses.ts'
import type { TrustChainSetRecord } from '../ports/trust-chain-sets.ts'
import type { NewTrustChainSet } from './trust-chain-sets.ts'
import type { RecordSetKey } from './zones/record-sets.ts'
import type { NewZone, ZoneSettings } from './zones/zones.ts'
import type {
  AccountView,
  Caller,
  ActiveCertificatesEntry,
  AuditEntryView,
  CertificateHistoryEntry,
  ChangeEventView,
  ChangeHistoryEntry,
  ChangeManagementView,
  ChangeView,
  ClientView,
  DeploymentSchedule,
  DeploymentView,
  DvHistoryView,
  EdgeView,
  EnrollmentView,
  Explanation,
  AuthorityStandingView,
  ClockView,
  FindingView,
  NameValidationView,
  NewClient,
  OrganizationView,
  RevokedView,
  PlanView,
  ReportedKeyView,
  SigningRequestView,
  TrustChainSetView,
  WebhookView,
  GenerationsView,
} from './views.ts'
import type { KeyReport } from './reported-keys.ts'
import type { ReportedKey } from '../ports/reported-keys.ts'
import type { RevocationWish } from './revoke-certificate.ts'

export interface CreateEnrollment {
  readonly contractId: ContractId
  readonly settings: EnrollmentSettings
  readonly schedule: DeploymentSchedule
  readonly allowDuplicateCn: boolean
}

/** CPS API: PUT enrollments. */
export interface UpdateEnrollment {
  /**
   * The whole settings, members that the wire version does not know as they are stored. Read anew when somebody else stored others meanwhile, so that
   * nothing of theirs goes back. @throws Problem 'validation-error'
   */
  readonly settings: (stored: EnrollmentSettings) => EnrollmentSettings
  readonly schedule: DeploymentSchedule
  readonly allowCancelPendingChanges: boolean
  readonly allowStagingBypass: boolean
  readonly forceRenewal: boolean
  readonly renewalDateCheckOverride: boolean
  readonly allowMissingCertificateAddition: boolean
}

export interface RemoveEnrollment {
  readonly schedule: DeploymentSchedule
  readonly allowCancelPendingChanges: boolean
}

/** CPS API: CertificateAndTrustChain; texts exactly as they came. */
export interface CertificateUpload {
  readonly keyAlgorithm: KeyAlgorithm
  readonly certificate: string
  readonly trustChain: string | null
}

export interface NewClientInput {
  readonly role: Caller['role']
  readonly name: string | null
  /** Of the client as a whole. */
  readonly expiresAt: Instant | null
  /** Of other accounts, that it may use; only the installation's operator gives them. */
  readonly switchKeys: readonly string[]
}

/** What is not named stays as it is. */
export interface ClientChange {
  readonly name?: string
  readonly disabled?: boolean
  readonly expiresAt?: Instant | null
}

/** Own API: what is to be paused. Null network: both. */
export interface PauseWish {
  readonly of: EnrollmentId | 'account' | 'installation'
  readonly network: Network | null
}

/** Own API. Null generation: for a rollback the one before, for a pin the one that is served. */
export interface GenerationWish {
  readonly generation: number | null
  readonly reason: string
}

export type WarningsKind = 'pre-verification' | 'post-verification'

export interface ChangeReference {
  readonly enrollmentId: EnrollmentId
  readonly changeId: ChangeId
}

export type AcknowledgementWord = 'acknowledge' | 'deny'

/**
 * Everything the outside can ask for. Objects of other accounts do not exist for a caller: `Problem('not-found')`.
 * Mutating calls resolve when the change has come to rest or after one second, whichever is first.
 */
export interface UseCases {
  createEnrollment(caller: Caller, input: CreateEnrollment): Promise<ChangeReference>
  listEnrollments(caller: Caller, contractId: ContractId | null): Promise<readonly EnrollmentView[]>
  getEnrollment(caller: Caller, id: EnrollmentId): Promise<EnrollmentView>
  getChange(caller: Caller, ref: ChangeReference): Promise<ChangeView>
  /** Resolves when status, state or allowed input differ from those at the call, at once when terminal, or after `seconds` (at most 50). */
  waitForChange(
    caller: Caller,
    ref: ChangeReference,
    seconds: number,
    signal: AbortSignal,
  ): Promise<ChangeView>
  /** `Problem('not-found')` unless the change is in domain validation with challenges. */
  getChallenges(caller: Caller, ref: ChangeReference): Promise<readonly NameValidationView[]>
  /** 200 while the change is open and DV, `Problem('not-found')` otherwise; `deny` has no effect. */
  acknowledgeChallenges(caller: Caller, ref: ChangeReference, word: AcknowledgementWord): Promise<void>
  getDeployments(
    caller: Caller,
    id: EnrollmentId,
  ): Promise<{ readonly staging: DeploymentView | null; readonly production: DeploymentView | null }>
  contractIdentifiers(caller: Caller): Promise<readonly ContractId[]>
  /** The account that the call acts on. */
  describeAccount(caller: Caller): Promise<AccountView>

  /** DNS zones, as the Edge DNS API has them. Names are canonical; record sets are right in themselves (domain: recordSetFaults). */
  listZones(caller: Caller): Promise<readonly ZoneRecord[]>
  getZone(caller: Caller, name: string): Promise<ZoneRecord>
  createZone(caller: Caller, input: NewZone): Promise<ZoneRecord>
  updateZone(caller: Caller, name: string, settings: ZoneSettings): Promise<ZoneRecord>
  /** Zones that are not there are told in the outcome. */
  deleteZones(caller: Caller, names: readonly string[]): Promise<ZoneDeletion>
  getZoneDeletion(caller: Caller, id: string): Promise<ZoneDeletion>
  /** By name and type. */
  listRecordSets(caller: Caller, zone: string): Promise<readonly RecordSet[]>
  getRecordSet(caller: Caller, key: RecordSetKey): Promise<RecordSet>
  createRecordSets(caller: Caller, zone: string, sets: readonly RecordSet[]): Promise<void>
  updateRecordSet(caller: Caller, zone: string, set: RecordSet): Promise<RecordSet>
  deleteRecordSet(caller: Caller, key: RecordSetKey): Promise<void>
  replaceRecordSets(caller: Caller, zone: string, sets: readonly RecordSet[]): Promise<void>
  /** Canonical: who answers for zones. */
  zoneNameServers(): readonly string[]

  /** Own API: whose client certificates names are entered with. */
  listTrustChainSets(caller: Caller): Promise<readonly TrustChainSetRecord[]>
  getTrustChainSet(caller: Caller, id: string): Promise<TrustChainSetView>
  createTrustChainSet(caller: Caller, input: NewTrustChainSet): Promise<TrustChainSetView>
  reviseTrustChainSet(caller: Caller, id: string, certificates: string): Promise<TrustChainSetView>
  activateTrustChainSet(
    caller: Caller,
    id: string,
    activation: { readonly network: Network; readonly revision: number },
  ): Promise<TrustChainSetView>
  removeTrustChainSet(caller: Caller, id: string): Promise<void>

  /** Null: nothing has to be issued or deployed (200); else the change that was started (202). */
  updateEnrollment(caller: Caller, id: EnrollmentId, input: UpdateEnrollment): Promise<ChangeId | null>
  /** Null: gone at once (200); else the change that takes it off the networks (202). */
  removeEnrollment(caller: Caller, id: EnrollmentId, input: RemoveEnrollment): Promise<ChangeId | null>
  cancelChange(caller: Caller, ref: ChangeReference): Promise<void>
  getDeploymentSchedule(caller: Caller, ref: ChangeReference): Promise<DeploymentSchedule>
  setDeploymentSchedule(caller: Caller, ref: ChangeReference, schedule: DeploymentSchedule): Promise<void>
  /** `Problem('not-found')` unless the change waits for the review of these warnings. */
  getWarnings(caller: Caller, ref: ChangeReference, kind: WarningsKind): Promise<readonly FindingView[]>
  acknowledgeWarnings(
    caller: Caller,
    ref: ChangeReference,
    kind: WarningsKind,
    word: AcknowledgementWord,
  ): Promise<void>
  /** From `wait-upload-third-party` to the end of the review of the upload. RSA last, as the Terraform provider sends them. */
  getSigningRequests(caller: Caller, ref: ChangeReference): Promise<readonly SigningRequestView[]>
  uploadCertificates(
    caller: Caller,
    ref: ChangeReference,
    uploads: readonly CertificateUpload[],
  ): Promise<void>
  /** Only in `wait-ack-change-management`. */
  getChangeManagementInfo(caller: Caller, ref: ChangeReference): Promise<ChangeManagementView>
  /** What is on staging for this change; only in `wait-ack-change-management`. */
  getPendingDeployment(caller: Caller, ref: ChangeReference): Promise<DeploymentView>
  /** Null hash: the frozen content. Another hash: `Problem('hash-mismatch')`, nothing changed. */
  acknowledgeChangeManagement(
    caller: Caller,
    ref: ChangeReference,
    word: AcknowledgementWord,
    hash: string | null,
  ): Promise<void>
  dvHistory(caller: Caller, id: EnrollmentId): Promise<readonly DvHistoryView[]>
  certificateHistory(
    caller: Caller,
    id: EnrollmentId,
    all: boolean,
  ): Promise<readonly CertificateHistoryEntry[]>
  changeHistory(caller: Caller, id: EnrollmentId): Promise<readonly ChangeHistoryEntry[]>
  activeCertificates(
    caller: Caller,
    contractId: ContractId | null,
  ): Promise<readonly ActiveCertificatesEntry[]>

  /** Sandbox: forwards only, not past the sandbox root's end; resolves when all that became due rests. */
  advanceClock(caller: Caller, target: { readonly by: number } | { readonly to: Instant }): Promise<ClockView>
  /** Live: how the clock of each process stands to the database's. */
  clockChecks(caller: Caller): Promise<readonly ClockCheck[]>
  /** The clocks are right as they are; for those who run the installation. */
  confirmClock(caller: Caller): Promise<readonly ClockCheck[]>
  /** The operator's part of OV and EV on the local CA. */
  decideVetting(
    caller: Caller,
    ref: ChangeReference,
    decision: { readonly approve: true } | { readonly approve: false; readonly reason: string },
  ): Promise<void>
  /** What will happen to the enrollment by itself, when and why. */
  plan(caller: Caller, id: EnrollmentId): Promise<PlanView>
  /** Enrollments of the account whose renewal finds no window in time. */
  renewalConflicts(caller: Caller): Promise<readonly (Conflict & { readonly enrollmentId: EnrollmentId })[]>
  maintenance(caller: Caller): Promise<Maintenance>
  /** All of it anew; resolves with the conflicts that there are now. */
  setMaintenance(
    caller: Caller,
    maintenance: Maintenance,
  ): Promise<readonly (Conflict & { readonly enrollmentId: EnrollmentId })[]>
  /** Keys that nobody is to use any more: the account's own reports, the newest first. */
  reportedKeys(caller: Caller): Promise<readonly ReportedKey[]>
  /** The first report of a key stays; the answer says which enrollments of the account use it now. */
  reportKey(caller: Caller, report: KeyReport): Promise<ReportedKeyView>
  /** `Problem('not-found')`: the account has reported no such key. */
  withdrawKeyReport(caller: Caller, fingerprint: string): Promise<void>
  /** Whether renewals of the enrollment take the key of what they renew. */
  setKeepKey(caller: Caller, id: EnrollmentId, keepKey: boolean): Promise<void>
  /** Those of the account and of the installation, the widest first. */
  pauses(caller: Caller): Promise<readonly PauseRecord[]>
  /** Nothing new reaches a network until it is resumed; resolves with what is paused now. The installation: for those who run it. */
  pauseDeployments(
    caller: Caller,
    wish: PauseWish & { readonly reason: string },
  ): Promise<readonly PauseRecord[]>
  resumeDeployments(caller: Caller, wish: PauseWish): Promise<readonly PauseRecord[]>
  /** Those who run the installation only: every edge process, what it is and what it serves compared with the wish. */
  generations(caller: Caller, id: EnrollmentId): Promise<GenerationsView>
  /** @throws Problem 'cannot-return', 'validation-error' */
  rollBack(caller: Caller, id: EnrollmentId, wish: GenerationWish): Promise<GenerationsView>
  /** @throws Problem 'cannot-return', 'validation-error' */
  pinGeneration(caller: Caller, id: EnrollmentId, wish: GenerationWish): Promise<GenerationsView>
  unpinGeneration(caller: Caller, id: EnrollmentId): Promise<GenerationsView>
  edges(caller: Caller): Promise<readonly EdgeView[]>
  /** What was told, the newest first. */
  notices(caller: Caller, limit: number): Promise<readonly ToldNotice[]>
  webhooks(caller: Caller): Promise<readonly WebhookView[]>
  addWebhook(caller: Caller, url: string): Promise<WebhookView & { readonly secret: string }>
  removeWebhook(caller: Caller, id: string): Promise<void>
  /** What `orgId` of the account's enrollments may name, by id. */
  organizations(caller: Caller): Promise<readonly OrganizationView[]>
  /** At the CA, for good. `Problem('not-found')`: the enrollment has no such certificate; `authority-refused` or `authority-unavailable`: the CA did not. */
  revokeCertificate(caller: Caller, id: EnrollmentId, wish: RevocationWish): Promise<RevokedView>
  /** Every CA account of the configuration; none in the sandbox. */
  authorities(caller: Caller): Promise<readonly AuthorityStandingView[]>
  /** Another key for our account at a CA; administrators of the installation. `Problem('orders-open')` unless forced. */
  rollOverAuthorityKey(caller: Caller, name: string, force: boolean): Promise<AuthorityStandingView>
  /** A person has done what the CA of this account wanted; administrators of the installation. */
  agreeAtAuthority(caller: Caller, name: string): Promise<AuthorityStandingView>
  /** Administrators only; the log of the caller's account, oldest first. */
  auditEntries(caller: Caller, afterId: number, limit: number): Promise<readonly AuditEntryView[]>

  explain(caller: Caller, ref: ChangeReference): Promise<Explanation>
  /** Status changes of the caller's account after `lastEventId` (null: from now on), until `signal` aborts. */
  events(caller: Caller, lastEventId: number | null, signal: AbortSignal): AsyncIterable<ChangeEventView>
  clock(): Promise<ClockView>
  createAccount(
    caller: Caller,
    input: { name: string; switchKey: string | null },
  ): Promise<{ id: AccountId; switchKey: string }>
  createContract(caller: Caller, account: AccountId, id: string | null): Promise<ContractId>
  createClient(caller: Caller, account: AccountId, input: NewClientInput): Promise<NewClient>
  listClients(caller: Caller, account: AccountId): Promise<readonly ClientView[]>
  getClient(caller: Caller, account: AccountId, id: string): Promise<ClientView>
  changeClient(
    caller: Caller,
    account: AccountId,
    input: { readonly id: string; readonly changes: ClientChange },
  ): Promise<ClientView>
  /** A second live credential, for rotation; `Problem('too-many-credentials')` beyond. */
  addCredential(
    caller: Caller,
    account: AccountId,
    input: { readonly id: string; readonly expiresAt: Instant | null },
  ): Promise<NewClient>
  retireCredential(
    caller: Caller,
    account: AccountId,
    input: { readonly id: string; readonly clientToken: string },
  ): Promise<ClientView>
  /** What is missing before the service can answer; empty: ready. */
  missing(): Promise<readonly string[]>
}
