import type { DeploymentId, EnrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'
import type { CertificateRecord } from './certificates.ts'

/** A deployment that is live, with a name that its network answers from it. */
export interface LiveDeployment {
  readonly id: DeploymentId
  readonly network: Network
  readonly name: string
  readonly certificates: readonly Pick<CertificateRecord, 'fingerprint' | 'notBefore' | 'notAfter'>[]
}

export interface ServedLook {
  readonly id: DeploymentId
  /** Of what was seen, the first to end; null: nothing was. */
  readonly validity: { readonly notBefore: Instant; readonly notAfter: Instant } | null
  /** Null: every address shows what it should. */
  readonly problem: string | null
}

/** Of one live deployment. Before the first look: what was proven when it became active. */
export interface ServedFigure {
  readonly network: Network
  readonly enrollmentId: EnrollmentId
  readonly name: string
  readonly notBefore: Instant
  readonly notAfter: Instant
  readonly problem: string | null
  /** Real clock; null: not yet. */
  readonly realLookedAt: Instant | null
}

/** What is behind its time. Null: nothing is due. */
export interface BehindFigures {
  /** Lifecycle clock: since when the oldest change waits for a worker. */
  readonly changeDueSince: Instant | null
  /** The planned begin of the renewal that is the longest overdue, `held` by another change that is open, or not. */
  readonly renewalDueSince: Instant | null
  readonly heldRenewalDueSince: Instant | null
}

export interface DeliveryFigure {
  readonly channel: 'mail' | 'webhook'
  /** To be sent, or tried again. */
  readonly waiting: number
  /** Of those: failed at least once. */
  readonly failing: number
}

/** What watches the rest. Of all accounts. */
export interface Watch {
  /**
   * Takes live deployments whose look is due by `now` (real clock), those that were never looked at first, then the longest due; nobody else gets them before `againAt`.
   * `taken` counts also those of which the network answers no name any more.
   */
  takeForLook(
    at: { readonly now: Instant; readonly againAt: Instant },
    limit: number,
  ): Promise<{ readonly taken: number; readonly live: readonly LiveDeployment[] }>
  /** Keeps it, and when the next one is due (real clock), unless it is not live any more or its names have gone to another deployment since. */
  looked(look: ServedLook, realAt: Instant, againAt: Instant): Promise<void>
  served(): Promise<readonly ServedFigure[]>
  behind(at: Instant): Promise<BehindFigures>
  deliveries(): Promise<readonly DeliveryFigure[]>
}
