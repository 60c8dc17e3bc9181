import type { ValidationType } from '../domain/enrollment/enrollment.ts'
import type { IssuingProfile } from '../domain/policy/rules.ts'
import type { LeadDays } from '../domain/renewal/renewal-start.ts'
import type { Instant } from '../domain/time.ts'
import type { AccountId } from '../domain/identifiers.ts'
import type { Quotas } from '../domain/quotas.ts'
import type { ValidationPolicy } from '../domain/validation/policy.ts'
import type { CertificateAuthority } from '../ports/certificate-authority.ts'
import type { CertificateReader } from '../ports/certificate-reader.ts'
import type { ChallengeEdges } from '../ports/challenge-edges.ts'
import type { ChallengePlacement } from '../ports/challenge-placement.ts'
import type { ChallengeLook } from '../ports/challenge-look.ts'
import type { Clocks } from '../ports/clock.ts'
import type { ClockControl } from '../ports/clock-control.ts'
import type { ClockGuard } from '../ports/clock-guard.ts'
import type { EdgeDirectory } from '../ports/edge-directory.ts'
import type { Failpoints } from '../ports/failpoints.ts'
import type { NameLook } from '../ports/name-look.ts'
import type { KeyMaterial } from '../ports/key-material.ts'
import type { Pause } from '../ports/pause.ts'
import type { Random } from '../ports/random.ts'
import type { RequestLook } from '../ports/request-look.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { ChangeSignals } from '../ports/signals.ts'
import type { StandingLook } from '../ports/standing-look.ts'
import type { Store } from '../ports/store.ts'
import type { UploadReader } from '../ports/upload-reader.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { PrepareStaples } from './staples.ts'

/** Tells of what happens, for logs and metrics; never blocks and never throws. */
export interface Observer {
  changeMoved(note: {
    changeId: number
    enrollmentId: number
    event: string
    status: string
    state: string
    seconds: number
  }): void
  stepFailed(note: { changeId: number; effect: string; code: string; cause: unknown }): void
  /** The CA refused a name, or an authorization ended by age: its tokens are dead, and whoever placed them has to act again. */
  authorizationLost(note: {
    changeId: number
    enrollmentId: number
    domain: string
    status: 'invalid' | 'expired'
    error: string | null
  }): void
  /** A change stays in `error` from now on, until a person acts. */
  gaveUp(note: { changeId: number; enrollmentId: number; action: string; status: string; code: string }): void
  /** A CA has named another window for the renewal, which begins at `at` now. */
  renewalMoved(note: { enrollmentId: number; start: number; end: number; at: number }): void
  /** Renewals wait for the orders of a CA account; the last of them has its turn at `until`. */
  renewalsHeld(note: { account: string; count: number; until: number }): void
  /** A TXT record of ours that nobody needs any more still stands in somebody's zone; its removal is tried again. */
  recordLeftBehind(note: { changeId: number; zone: string; owner: string; error: string }): void
  noticeFailed(note: {
    channel: string
    id: string
    attempt: number
    givenUp: boolean
    message: string
  }): void
  /** A pause or a pin keeps a change from production although what is live there expires soon, or has. */
  heldPastSafe(note: { changeId: number; enrollmentId: number; reason: string }): void
  /** Production stays with what some of its edges have not shown, since what it served before is worse. */
  noWayBack(note: { changeId: number; enrollmentId: number; reason: string }): void
  adopted(note: { kind: 'contract' | 'switch key'; id: string; accountId: string }): void
  handshakeSeen(note: { network: string; enrollmentId: number; serverName: string; notAfter: number }): void
}

/** Everything that use cases and effects need from outside. Built once, in main.ts. */
export interface Dependencies {
  readonly store: Store
  readonly clocks: Clocks
  readonly random: Random
  readonly secrets: Secrets
  readonly keys: KeyMaterial
  readonly certificates: CertificateReader
  readonly uploads: UploadReader
  /** SHA-256 of the UTF-8 of a text, lower-case hex. */
  readonly sha256: (text: string) => string
  readonly authorityFor: (validationType: Exclude<ValidationType, 'third-party'>) => CertificateAuthority
  readonly look: ChallengeLook
  /** Null: nobody to ask, as in a sandbox without a resolver. */
  readonly requestLook: RequestLook | null
  /** How names stand before their renewal; null: nobody to ask, or the sandbox proves them without a look. */
  readonly standingLook: StandingLook | null
  /** Our own edges as answerers of http-01. */
  readonly challengeEdges: ChallengeEdges
  /** What DNS says of names before a CA is asked. */
  readonly nameLook: NameLook
  /** Writes TXT values where the operator lets us. */
  readonly placement: ChallengePlacement
  readonly edges: EdgeDirectory
  readonly signals: ChangeSignals
  readonly failpoints: Failpoints
  readonly pause: Pause
  readonly observer: Observer
  readonly validationPolicy: ValidationPolicy
  /** At most so many days before expiry a renewal begins. */
  readonly renewalLeadDays: LeadDays
  /** How the sandbox CA issues DV certificates. */
  readonly sandboxProfile: IssuingProfile
  /** Key type of DV, OV and EV certificates. */
  readonly authorityKeyAlgorithm: KeyAlgorithm
  /** A mail server is configured, so that contacts are told by mail. */
  readonly sendsMail: boolean
  /** Whether webhooks may be called without TLS. */
  readonly plainWebhooks: boolean
  /** Names that enrollments may not ask for: those of the service itself. */
  readonly serviceNames: readonly string[]
  /** Canonical, not empty: who answers for the zones that accounts keep with us. */
  readonly zoneNameServers: readonly string[]
  /** To which challenges may be delegated, ours alone; null: there is none. */
  readonly delegationZone: string | null
  readonly mode: 'sandbox' | 'live'
  /** The account of those who run the installation. */
  readonly operatorAccount: AccountId
  readonly clockControl: ClockControl
  /** Aborts when this process is about to end: what takes minutes stops where it is. */
  readonly stopping: AbortSignal
  readonly clockGuard: ClockGuard
  /** Where the sandbox ends: its root's expiry. */
  readonly lastInstant: Instant
  /** How long the local CA checks an organisation; null: until an operator decides. */
  readonly vettingMs: number | null
  /** Sandbox: an unknown contract becomes the caller's on first use. */
  readonly adopts: boolean
  /** `review`: findings about the request stop the change until they are acknowledged. */
  readonly preVerification: 'pass' | 'review'
  readonly quotas: Quotas
  /** Asks the OCSP responders of certificates that are about to be served for the first time. */
  readonly prepareStaples: PrepareStaples
}
