import type { AccountId, ChangeId, ContractId, EnrollmentId } from '../domain/identifiers.ts'
import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { Instant } from '../domain/time.ts'
import type {
  Caller,
  ChangeEventView,
  ChangeView,
  DeploymentSchedule,
  DeploymentView,
  EnrollmentView,
  Explanation,
  NameValidationView,
  NewClient,
} from './views.ts'

export interface CreateEnrollment {
  readonly contractId: ContractId
  readonly settings: EnrollmentSettings
  readonly schedule: DeploymentSchedule
  readonly allowDuplicateCn: boolean
}

export interface ChangeReference {
  readonly enrollmentId: EnrollmentId
  readonly changeId: ChangeId
}

export type AcknowledgementWord = 'acknowledge' | 'deny'

/**
 * Everything the outside can ask for. Objects of other accounts do not exist for a caller: `Problem('not-found')`.
 * Mutating calls resolve when the change has come to rest or after one second, whichever is first.
 */
export interface UseCases {
  createEnrollment(caller: Caller, input: CreateEnrollment): Promise<ChangeReference>
  listEnrollments(caller: Caller, contractId: ContractId | null): Promise<readonly EnrollmentView[]>
  getEnrollment(caller: Caller, id: EnrollmentId): Promise<EnrollmentView>
  getChange(caller: Caller, ref: ChangeReference): Promise<ChangeView>
  /** Resolves when status, state or allowed input differ from those at the call, at once when terminal, or after `seconds` (at most 50). */
  waitForChange(caller: Caller, ref: ChangeReference, seconds: number, signal: AbortSignal): Promise<ChangeView>
  /** `Problem('not-found')` unless the change is in domain validation with challenges. */
  getChallenges(caller: Caller, ref: ChangeReference): Promise<readonly NameValidationView[]>
  /** 200 while the change is open and DV, `Problem('not-found')` otherwise; `deny` has no effect. */
  acknowledgeChallenges(caller: Caller, ref: ChangeReference, word: AcknowledgementWord): Promise<void>
  getDeployments(
    caller: Caller,
    id: EnrollmentId,
  ): Promise<{ readonly staging: DeploymentView | null; readonly production: DeploymentView | null }>
  contractIdentifiers(caller: Caller): Promise<readonly ContractId[]>

  explain(caller: Caller, ref: ChangeReference): Promise<Explanation>
  /** Status changes of the caller's account after `lastEventId` (null: from now on), until `signal` aborts. */
  events(caller: Caller, lastEventId: number | null, signal: AbortSignal): AsyncIterable<ChangeEventView>
  clock(): Promise<{ readonly now: Instant; readonly offsetSeconds: number }>
  createAccount(caller: Caller, input: { name: string; switchKey: string | null }): Promise<{ id: AccountId; switchKey: string }>
  createContract(caller: Caller, account: AccountId, id: string | null): Promise<ContractId>
  createClient(caller: Caller, account: AccountId, input: { role: Caller['role']; name: string | null }): Promise<NewClient>
  /** What is missing before the service can answer; empty: ready. */
  missing(): Promise<readonly string[]>
}
