import type { AccountId, ChangeId, EnrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface ChangeEventRecord {
  readonly id: number
  readonly changeId: ChangeId
  readonly enrollmentId: EnrollmentId
  readonly event: string
  readonly status: string
  readonly state: string
  readonly at: Instant
  readonly realAt: Instant
}

export interface ChangeEvents {
  ofChange(changeId: ChangeId): Promise<readonly ChangeEventRecord[]>
  ofAccountAfter(accountId: AccountId, id: number, limit: number): Promise<readonly ChangeEventRecord[]>
  newestId(): Promise<number>
}
