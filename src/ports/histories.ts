import type { Change } from '../domain/change/change.ts'
import type { AccountId, ChangeId, ContractId, EnrollmentId } from '../domain/identifiers.ts'
import type { CertificateRecord, KeyPairRecord } from './certificates.ts'
import type { DeploymentRecord } from './deployments.ts'
import type { NameValidationRecord } from './validations.ts'

/** A certificate as its history shows it: the texts are those that came, octet for octet. */
export interface HistoricCertificate extends CertificateRecord {
  /** Another one was uploaded in its place. */
  readonly superseded: boolean
  readonly textAsCame: { readonly certificate: string; readonly chain: string | null }
}

/** Everything that an enrollment has lived through, newest first; one statement each, whatever their number. */
export interface Histories {
  changesOf(id: EnrollmentId): Promise<readonly Change[]>
  /** Also of destroyed keys: the signing request stays. */
  signingRequestsOf(
    id: EnrollmentId,
  ): Promise<readonly Pick<KeyPairRecord, 'changeId' | 'keyAlgorithm' | 'signingRequestPem'>[]>
  /** Of a change the current ones first. */
  certificatesOf(id: EnrollmentId): Promise<readonly HistoricCertificate[]>
  /** The newest order of each change at its CA. */
  ordersOf(id: EnrollmentId): Promise<ReadonlyMap<ChangeId, string>>
  /** Every token generation of every name, the newest first; what came at once by name. */
  validationsOf(id: EnrollmentId): Promise<readonly NameValidationRecord[]>
  /** All that ever served on a network. */
  deploymentsOf(id: EnrollmentId): Promise<readonly DeploymentRecord[]>
  /** What serves now, for enrollments of the account and contract (null: all), with the certificates. */
  active(
    accountId: AccountId,
    contractId: ContractId | null,
  ): Promise<{
    readonly deployments: readonly DeploymentRecord[]
    readonly certificates: readonly CertificateRecord[]
  }>
}
