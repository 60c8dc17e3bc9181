import type { AccountId, DeploymentId, EnrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface PinRecord {
  readonly enrollmentId: EnrollmentId
  readonly accountId: AccountId
  /** What production is to serve. */
  readonly deploymentId: DeploymentId
  /** May be empty. */
  readonly reason: string
  readonly pinnedBy: string
  readonly pinnedAt: Instant
}

/** A person's word that production of an enrollment keeps one generation; one at most for each. */
export interface Pins {
  of(id: EnrollmentId): Promise<PinRecord | null>
  /** Takes the place of the one that stands. */
  put(record: PinRecord): Promise<void>
  /** Nothing where there is none. */
  remove(id: EnrollmentId): Promise<void>
}
