import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { CertificateId, DeploymentId, EnrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'

/** A removal that waits for a production push to end. */
export interface RemovalWish {
  readonly createdBy: string
  readonly notBefore: Instant | null
  readonly notAfter: Instant | null
}

/** What concerns an enrollment beyond one change. Calls that write more than one row belong into a transaction. */
export interface WithdrawnDeployment {
  readonly id: DeploymentId
  readonly network: Network
  readonly names: readonly string[]
  readonly certificateIds: readonly CertificateId[]
}

export interface EnrollmentLifecycle {
  /** The settings of the last completed change; null while none has completed. */
  settled(id: EnrollmentId): Promise<EnrollmentSettings | null>
  settle(id: EnrollmentId, settings: EnrollmentSettings): Promise<void>
  removalWish(id: EnrollmentId): Promise<RemovalWish | null>
  wishRemoval(id: EnrollmentId, wish: RemovalWish | null): Promise<void>
  /** From now on it does not exist for anybody, and its names are free. */
  remove(id: EnrollmentId, at: Instant): Promise<void>
  releaseSlots(id: EnrollmentId): Promise<void>
  destroyKeys(id: EnrollmentId, at: Instant): Promise<void>
  /**
   * Takes its deployments off their networks; names go to whoever in the account serves them too, edges are told at the commit. Returns what is off, also by
   * an earlier call: who was interrupted has to look again whether the edges have let go.
   */
  withdraw(id: EnrollmentId): Promise<readonly WithdrawnDeployment[]>
}
