import type { Organization } from '../domain/enrollment/enrollment.ts'
import type { AccountId, ChangeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface KnownOrganization {
  readonly id: number
  readonly organization: Organization
  readonly vettedUntil: Instant
}

export interface VettingRecord {
  /** When the check is over by itself; null: an operator decides. */
  readonly dueAt: Instant | null
  readonly decision: 'approved' | 'rejected' | null
  readonly reason: string | null
}

/** The sandbox CA's checks of organisations. */
export interface Vettings {
  find(changeId: ChangeId): Promise<VettingRecord | null>
  /** The first call for a change stays. */
  begin(changeId: ChangeId, accountId: AccountId, dueAt: Instant | null): Promise<VettingRecord>
  /** False when it is decided already, or was never begun. */
  decide(
    changeId: ChangeId,
    decision: {
      readonly approved: boolean
      readonly reason: string | null
      readonly by: string
      readonly at: Instant
    },
  ): Promise<boolean>
  /** Every one of the account, by id. */
  organizations(accountId: AccountId): Promise<readonly KnownOrganization[]>
  organization(accountId: AccountId, id: number): Promise<KnownOrganization | null>
  organizationLike(accountId: AccountId, identity: string): Promise<KnownOrganization | null>
  /** Known from now on, or known for longer. */
  rememberOrganization(
    accountId: AccountId,
    identity: string,
    organization: Organization,
    vettedUntil: Instant,
  ): Promise<void>
}
