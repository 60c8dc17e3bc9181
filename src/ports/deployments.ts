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

export interface Deployments {
  /** The latest generation. */
  find(changeId: ChangeId, network: Network): Promise<DeploymentRecord | null>
  /** Every generation, the latest first. */
  ofChange(changeId: ChangeId, network: Network): Promise<readonly DeploymentRecord[]>
  byIds(ids: readonly DeploymentId[]): Promise<readonly DeploymentRecord[]>
  active(enrollmentId: EnrollmentId): Promise<readonly DeploymentRecord[]>
  activeOfAccount(
    accountId: AccountId,
  ): Promise<readonly Pick<DeploymentRecord, 'enrollmentId' | 'network'>[]>
  /** What the network is wished to answer this very name with; wildcards stand for themselves. */
  answering(network: Network, name: string): Promise<DeploymentId | null>
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
