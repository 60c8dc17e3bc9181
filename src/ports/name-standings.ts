import type { AccountId, EnrollmentId } from '../domain/identifiers.ts'
import type { Validity } from '../domain/renewal/renewal-start.ts'
import type { Instant } from '../domain/time.ts'
import type { KnownName, NameFault } from '../domain/validation/name-standing.ts'

export interface NamesToLookAt {
  readonly id: EnrollmentId
  readonly accountId: AccountId
  /** Of the certificate that is live: common name first, canonical. */
  readonly names: readonly string[]
  readonly live: Validity
}

/** What our looks at the names of live enrollments found, before their renewals begin. What goes to production asks for a first look by itself, and begins anew. */
export interface NameStandings {
  /** Those whose look is due (lifecycle clock), the longest due first; nobody else gets them before `againAt`. */
  takeDue(
    at: { readonly now: Instant; readonly againAt: Instant },
    limit: number,
  ): Promise<readonly NamesToLookAt[]>
  /** By name. */
  of(id: EnrollmentId): Promise<readonly KnownName[]>
  /** These and no others; looked at again at `nextAt`, null: not by time. False: another certificate is live by now, and nothing was written. */
  keep(
    of: Pick<NamesToLookAt, 'id' | 'live'>,
    names: readonly KnownName[],
    nextAt: Instant | null,
  ): Promise<boolean>
  /** Of all accounts: how many names are lost, by why. */
  lostCounts(): Promise<readonly { readonly reason: NameFault['reason']; readonly count: number }[]>
  /** Nothing is looked at any more, and nothing known. */
  stop(): Promise<void>
}
