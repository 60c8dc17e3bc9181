import type { AccountId, ChangeId, ContractId, EnrollmentId } from '../domain/identifiers.ts'
import type { CertificateType, EnrollmentSettings, NetworkConfiguration, RegistrationAuthority } from '../domain/enrollment/enrollment.ts'
import type { ChangeAction, ChangeState } from '../domain/change/vocabulary.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'
import type { ChallengeType } from '../ports/certificate-authority.ts'
import type { ValidationRecord } from '../ports/challenge-look.ts'

/** Who asks. `accountId` is the account that the call acts on, after an account switch. */
export interface Caller {
  readonly accountId: AccountId
  readonly clientId: string
  readonly clientName: string
  readonly role: 'admin' | 'operator' | 'read-only'
  readonly requestId: string
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
  readonly type: ChallengeType
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

/** Own API: what a change waits for, in words and as data. */
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
  /** Newest last. */
  readonly timeline: readonly { readonly at: Instant; readonly status: string; readonly state: string; readonly event: string }[]
  readonly handshakes: readonly HandshakeView[]
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
  readonly clientToken: string
  readonly clientSecret: string
  readonly accessToken: string
  readonly role: Caller['role']
  readonly name: string
}
