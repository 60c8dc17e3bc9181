import type { HandshakeRecord } from '../ports/handshakes.ts'
import type { Hold } from '../domain/plan/hold.ts'
import type { EdgeReport } from '../ports/edge-directory.ts'
import type { RevocationReason } from '../domain/certificate/revocation.ts'
import type { AuthorityStanding } from '../ports/certificate-authority.ts'
import type { AccountId, ChangeId, ContractId, DeploymentId, EnrollmentId } from '../domain/identifiers.ts'
import type {
  CertificateType,
  EnrollmentSettings,
  NetworkConfiguration,
  Organization,
  RegistrationAuthority,
} from '../domain/enrollment/enrollment.ts'
import type { ChangeAction, ChangeState } from '../domain/change/vocabulary.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { CertificateRecord } from '../ports/certificates.ts'
import type { Network } from '../domain/network.ts'
import type { PlanStepKind } from '../domain/plan/plan-steps.ts'
import type { Conflict } from '../domain/plan/renewal-moments.ts'
import type { Instant } from '../domain/time.ts'
import type { ChallengeType } from '../ports/certificate-authority.ts'
import type { ReportedKey } from '../ports/reported-keys.ts'
import type { TrustChainSetRecord } from '../ports/trust-chain-sets.ts'
import type { ValidationRecord } from '../ports/challenge-look.ts'

/** A report, and the account's enrollments that use the key: live, or in an open change. */
export interface ReportedKeyView extends ReportedKey {
  readonly usedBy: readonly EnrollmentId[]
}

/** Who asks. `accountId` is the account that the call acts on, after an account switch. */
export interface Caller {
  readonly accountId: AccountId
  readonly clientId: string
  readonly clientName: string
  readonly role: 'admin' | 'operator' | 'read-only'
  readonly requestId: string
  /** Address of the peer, for the audit log. */
  readonly source: string
}

export interface AccountView {
  readonly id: AccountId
  readonly name: string
  readonly contracts: readonly ContractId[]
}

/** An authority of a trust-chain set. */
export interface TrustAnchorView {
  readonly pem: string
  readonly subject: string
  readonly fingerprint: string
  readonly notAfter: Instant
}

export interface TrustChainSetView {
  readonly set: TrustChainSetRecord
  /** Oldest first. */
  readonly revisions: readonly {
    readonly revision: number
    readonly createdBy: string
    readonly createdAt: Instant
    readonly certificates: readonly TrustAnchorView[]
  }[]
  /** Enrollments that name the set. */
  readonly references: readonly EnrollmentId[]
}

/** An API client as administrators see it. Real clock; no secret. */
export interface ClientView {
  readonly id: string
  readonly name: string
  readonly role: Caller['role']
  readonly disabled: boolean
  readonly createdAt: Instant
  readonly expiresAt: Instant | null
  /** Of whichever credential; within a minute. */
  readonly lastUsedAt: Instant | null
  readonly maySwitch: boolean
  readonly switchAccounts: readonly AccountId[]
  /** Newest first. */
  readonly credentials: readonly {
    readonly clientToken: string
    readonly status: 'active' | 'expired' | 'retired'
    readonly createdAt: Instant
    readonly expiresAt: Instant | null
    readonly lastUsedAt: Instant | null
  }[]
}

export interface DeploymentSchedule {
  readonly notBefore: Instant | null
  readonly notAfter: Instant | null
}

export interface EnrollmentView {
  readonly id: EnrollmentId
  readonly contractId: ContractId
  readonly settings: EnrollmentSettings
  readonly assignedSlots: readonly number[]
  readonly stagingSlots: readonly number[]
  readonly productionSlots: readonly number[]
  readonly autoRenewalStartTime: Instant | null
  readonly pendingChanges: readonly { readonly changeId: ChangeId; readonly action: ChangeAction }[]
}

export interface ChangeFailure {
  readonly code: string
  readonly description: string
  readonly at: Instant
}

export interface ChangeView extends ChangeState {
  readonly id: ChangeId
  readonly enrollmentId: EnrollmentId
  readonly action: ChangeAction
  readonly error: ChangeFailure | null
  readonly schedule: DeploymentSchedule
}

export interface ChallengeView {
  /** The CPS API knows no tls-alpn-01, which nobody but our own edges can answer. */
  readonly type: Exclude<ChallengeType, 'tls-alpn-01'>
  readonly status: 'pending' | 'valid' | 'invalid' | 'expired'
  readonly token: string
  readonly keyAuthorization: string
  readonly error: string | null
  readonly records: readonly ValidationRecord[]
}

/** One token generation of one name of a change. CPS API: DvChallenges. */
export interface NameValidationView {
  /** Canonical; a wildcard keeps its `*.`. */
  readonly domain: string
  readonly status: 'preparing' | 'awaiting' | 'checking' | 'failed-look' | 'valid' | 'expired' | 'invalid'
  readonly error: string | null
  readonly requestedAt: Instant
  readonly validatedAt: Instant | null
  readonly expires: Instant | null
  readonly challenges: readonly ChallengeView[]
}

/** Why the values of a name that were asked for at `requestedAt` did not do, so that it has new ones. */
export interface FailedLookView {
  readonly domain: string
  readonly requestedAt: Instant
  readonly error: string
}

export interface DeployedCertificateView {
  readonly certificatePem: string
  readonly chainPem: string | null
  readonly keyAlgorithm: KeyAlgorithm
  readonly signatureAlgorithm: 'SHA-1' | 'SHA-256' | null
  readonly expiry: Instant
  readonly serialNumber: string
  readonly ocspUris: readonly string[]
}

/** What one network serves for one enrollment. CPS API: Deployment. */
export interface DeploymentView {
  readonly network: Network
  readonly primary: DeployedCertificateView | null
  readonly multiStacked: readonly DeployedCertificateView[]
  readonly settings: NetworkConfiguration
  readonly servedNames: readonly string[]
  readonly certificateType: CertificateType
  readonly ra: RegistrationAuthority
}

export interface HandshakeView {
  readonly network: Network
  readonly address: string
  readonly serverName: string
  readonly serialNumber: string
  readonly fingerprint: string
  readonly protocol: string
  /** Real clock. */
  readonly at: Instant
}

/** Own API: who is called with the notices of an account. */
export interface WebhookView {
  readonly id: string
  readonly url: string
}

/** Own API: one thing that will happen by itself. */
export interface PlanStep {
  /** Lifecycle clock. */
  readonly at: Instant
  readonly what: PlanStepKind
  /** Why then. */
  readonly reason: string
}

export interface PlanView {
  readonly enrollmentId: EnrollmentId
  readonly now: Instant
  /** Renewals take the key of what they renew. */
  readonly keepKey: boolean
  /** Until when the next certificate has to be in production; null: nothing is live. */
  readonly lastSafe: Instant | null
  /** In their order. */
  readonly steps: readonly PlanStep[]
  /** Pauses and pins that keep what is new from its networks. */
  readonly holds: readonly Hold[]
  readonly conflicts: readonly Conflict[]
}

/** Own API: one process that serves a network, with all its addresses. */
export interface EdgeView extends EdgeReport {
  /** `serving`: what it serves is the wish. `behind`: it is not, or not yet. `away`: the server beside it does not answer. `silent`: its process has not been heard. `unknown`: it has not said what it serves. */
  readonly state: 'serving' | 'behind' | 'away' | 'silent' | 'unknown'
  /** Of the network. */
  readonly wishedNames: number
  /** The last full handshake with one of its addresses that proved a deployment; null: none yet. */
  readonly lastProbe: HandshakeRecord | null
}

/** Own API: what a change waits for, in words and as data. */
/** Staging as it was met, next to production as it was then. */
export interface ComparisonView {
  /** `silent`: nobody was answered; `unreachable`: it could not be seen. */
  readonly production: 'answers' | 'silent' | 'unreachable'
  readonly differences: readonly { readonly id: string; readonly text: string }[]
  /** Each kind of client, and how it was met. */
  readonly clients: readonly {
    readonly client: string
    readonly staging: string
    readonly production: string
  }[]
  /** That production is not any more what it was compared as. */
  readonly note: string | null
}

export interface Explanation {
  readonly change: ChangeView
  /** One sentence: what is happening now. */
  readonly step: string
  readonly since: Instant
  /** Null when nothing is waited for. */
  readonly waitsFor: string | null
  /** Who can move it and how: ready-to-run commands and calls. */
  readonly moves: readonly { readonly who: string; readonly how: string }[]
  readonly until: Instant | null
  readonly otherwise: string | null
  readonly findings: readonly { readonly id: string; readonly text: string }[]
  /** What is asked for and no edge carries out. */
  readonly notEnforced: readonly string[]
  /** Newest last. */
  readonly timeline: readonly {
    readonly at: Instant
    readonly status: string
    readonly state: string
    readonly event: string
  }[]
  readonly handshakes: readonly HandshakeView[]
  /** While names are validated: each with what is to be placed, and why it is not valid yet. */
  readonly validations: readonly NameValidationView[]
  /** Of names that are open again: what was wrong the last time. */
  readonly failedLooks: readonly FailedLookView[]
  /** Of what is live: names that could not be proven again as they stand. */
  readonly lostNames: readonly {
    readonly domain: string
    readonly since: Instant
    readonly reason: string
    readonly text: string
    readonly act: string
  }[]
  /** Once staging has it. */
  readonly comparison: ComparisonView | null
  /** At the acknowledgement for production: the canonical document that its hash covers. */
  readonly document: unknown
}

export interface ChangeEventView {
  /** Increases by event; usable as Last-Event-ID. */
  readonly id: number
  readonly at: Instant
  readonly enrollmentId: EnrollmentId
  readonly changeId: ChangeId
  readonly event: string
  readonly status: string
  readonly state: string
}

export interface NewClient {
  readonly id: string
  readonly clientToken: string
  readonly clientSecret: string
  readonly accessToken: string
  readonly role: Caller['role']
  readonly name: string
  /** Of the credential. */
  readonly expiresAt: Instant | null
}

/** Own API and CPS API: a finding as `id` of the warning catalogue and its text. */
export interface FindingView {
  readonly id: string
  readonly text: string
}

export interface SigningRequestView {
  readonly keyAlgorithm: KeyAlgorithm
  readonly pem: string
}

/** `target`: where the clock is being turned to by somebody; absent: it runs, or stands until it is turned. */
export interface ClockView {
  readonly now: Instant
  readonly offsetSeconds: number
  readonly target?: Instant
}

/** CPS API: ChangeManagementInfo. What an acknowledgement would release. */
export interface ChangeManagementView {
  /** Null when nothing of this enrollment is live. */
  readonly acknowledgementDeadline: Instant | null
  readonly pendingCertificates: readonly PendingCertificateView[]
  readonly pendingSettings: NetworkConfiguration
  readonly errors: readonly FindingView[]
  readonly warnings: readonly FindingView[]
  /** 40 lower-case hex digits. */
  readonly hash: string
}

export interface PendingCertificateView {
  readonly certificateType: CertificateType
  readonly fullCertificatePem: string
  readonly keyAlgorithm: KeyAlgorithm
  readonly signatureAlgorithm: 'SHA-1' | 'SHA-256' | null
  readonly ocspStapled: boolean
  readonly ocspUris: readonly string[]
}

/** CPS API: DvHistory. Newest generation first. */
export interface DvHistoryView {
  readonly domain: string
  readonly generations: readonly NameValidationView[]
}

export interface HistoricCertificateView {
  /** As the CA issued it, or exactly as it was uploaded. */
  readonly certificatePem: string | null
  readonly chainPem: string | null
  readonly keyAlgorithm: KeyAlgorithm
  readonly expiry: Instant | null
  readonly signingRequestPem: string | null
}

/** CPS API: CertificateHistory. Newest first. */
export interface CertificateHistoryEntry {
  readonly certificateType: CertificateType
  readonly productionActive: boolean
  readonly stagingActive: boolean
  readonly geography: NetworkConfiguration['geography']
  readonly ra: RegistrationAuthority
  readonly slots: readonly number[]
  readonly primary: HistoricCertificateView | null
  readonly multiStacked: readonly HistoricCertificateView[]
}

/** CPS API: ChangeHistory. Newest first. */
export interface ChangeHistoryEntry {
  readonly action:
    | 'import-certificate'
    | 'renew'
    | 'new-certificate'
    | 'modify-san'
    | 'update-network-configuration'
  readonly actionDescription: string
  readonly status: 'incomplete' | 'cancelled' | 'completed'
  readonly createdBy: string
  readonly createdOn: Instant
  readonly lastUpdated: Instant | null
  readonly ra: RegistrationAuthority
  readonly primary: HistoricCertificateView | null
  readonly multiStacked: readonly HistoricCertificateView[]
  readonly orderId: string | null
}

/** CPS API: ActiveCertificates. */
export interface ActiveCertificatesEntry {
  readonly enrollment: EnrollmentView
  readonly staging: DeploymentView | null
  readonly production: DeploymentView | null
}

/** An organisation that the account's CA has checked; another OV or EV enrollment may name it by `orgId`. */
export interface OrganizationView {
  readonly id: number
  readonly organization: Organization
  readonly vettedUntil: Instant
  /** Whether that is still ahead: otherwise the next enrollment has it checked again. */
  readonly isVetted: boolean
}

/** What is known of a CA by one of our accounts there. */
export type AuthorityStandingView = AuthorityStanding

export interface RevokedView {
  readonly serialNumber: string
  readonly reason: RevocationReason
}

/** One entry of the audit log; `hash` covers everything before it in the log and in the entry. */
export interface AuditEntryView {
  readonly id: number
  readonly realAt: Instant
  readonly lifecycleAt: Instant
  readonly accountId: AccountId
  readonly actor: string
  readonly source: string
  readonly action: string
  readonly object: string
  readonly digestBefore: string | null
  readonly digestAfter: string | null
  readonly detail: Readonly<Record<string, unknown>>
  readonly previousHash: string
  readonly hash: string
}

/** Of one that production proved; `number` from 1, and it stays. */
export interface GenerationView {
  readonly number: number
  readonly deploymentId: DeploymentId
  readonly changeId: ChangeId
  readonly servedNames: readonly string[]
  readonly isLive: boolean
  readonly provenAt: Instant | null
  /** Until when it should be replaced. */
  readonly lastSafe: Instant | null
  readonly certificates: readonly CertificateRecord[]
  /** Why it may not be served again; empty: it may. */
  readonly obstacles: readonly string[]
}

export interface GenerationsView {
  readonly enrollmentId: EnrollmentId
  readonly live: number | null
  readonly pin: {
    readonly generation: number
    readonly reason: string
    readonly pinnedBy: string
    readonly pinnedAt: Instant
    readonly givesWayAt: Instant | null
  } | null
  /** The newest first. */
  readonly generations: readonly GenerationView[]
}
