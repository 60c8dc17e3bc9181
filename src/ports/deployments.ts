import type { NetworkConfiguration } from '../domain/enrollment/enrollment.ts'
import type { AccountId, CertificateId, ChangeId, DeploymentId, EnrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'

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

/** `number`: from 1, counted when it was first proven. */
export interface ProvenDeployment {
  readonly number: number
  readonly deployment: DeploymentRecord
}

export interface Deployments {
  /** The latest generation. */
  find(changeId: ChangeId, network: Network): Promise<DeploymentRecord | null>
  /** Every generation, the latest first. */
  ofChange(changeId: ChangeId, network: Network): Promise<readonly DeploymentRecord[]>
  /** All that the network proved of the enrollment, the newest first, each with its number, which stays. */
  proven(enrollmentId: EnrollmentId, network: Network): Promise<readonly ProvenDeployment[]>
  /** Names of the deployment that its network answers from another enrollment now, or that another account holds; in a transaction nobody claims one of them until it ends. */
  namesOfOthers(id: DeploymentId): Promise<readonly string[]>
  byIds(ids: readonly DeploymentId[]): Promise<readonly DeploymentRecord[]>
  active(enrollmentId: EnrollmentId): Promise<readonly DeploymentRecord[]>
  activeOfAccount(
    accountId: AccountId,
  ): Promise<readonly Pick<DeploymentRecord, 'enrollmentId' | 'network'>[]>
  /** What the network is wished to answer this very name with; wildcards stand for themselves. */
  answering(network: Network, name: string): Promise<DeploymentId | null>
  /** Inserts the deployment as `pending` unless it is that or active already, and points its names at it; returns what stands. */
  begin(record: DeploymentRecord): Promise<DeploymentRecord>
  /** `pending` becomes `active`, the network's former one of this enrollment `replaced`. Throws where it never began. */
  activate(id: DeploymentId, at: Instant): Promise<void>
  /**
   * Points names back at what they were answered with before; the deployment becomes `failed`, and the one of this enrollment that it had replaced is
   * active again. Throws where it never began.
   */
  revert(id: DeploymentId): Promise<void>
}
