import type { Enrollment } from '../domain/enrollment/enrollment.ts'
import type { OverlappingName } from '../domain/findings/request/request-facts.ts'
import type { AccountId, ContractId, EnrollmentId } from '../domain/identifiers.ts'

export interface Enrollments {
  /** With its names, common name first; after `claimNames`, in the same transaction. */
  insert(enrollment: Enrollment, names: readonly string[]): Promise<void>
  find(accountId: AccountId, id: EnrollmentId): Promise<Enrollment | null>
  list(accountId: AccountId, contractId: ContractId | null): Promise<readonly Enrollment[]>
  save(enrollment: Enrollment): Promise<boolean>
  hasCommonName(accountId: AccountId, contractId: ContractId, commonName: string): Promise<boolean>
  /** Which of these names another enrollment of the same account asks for too, exactly or through a wildcard, in their order. */
  overlappingNames(
    accountId: AccountId,
    id: EnrollmentId,
    names: readonly string[],
  ): Promise<readonly OverlappingName[]>
  /**
   * The first of these names that another account holds, exactly or through a wildcard; null: all are free for this account. Until the transaction ends
   * nobody else can claim a name of the same base.
   */
  claimNames(accountId: AccountId, names: readonly string[]): Promise<string | null>
  /** After `claimNames`, in the same transaction. Names that the enrollment had before stay. */
  recordNames(accountId: AccountId, id: EnrollmentId, names: readonly string[]): Promise<void>
}
