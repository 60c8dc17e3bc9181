import type { AccountId } from '../domain/identifiers.ts'
import type { Maintenance } from '../domain/plan/maintenance.ts'
import type { Instant } from '../domain/time.ts'

/** Windows and freezes of accounts. */
export interface Maintenances {
  /** `UNRESTRICTED` where nothing was said. */
  of(accountId: AccountId): Promise<Maintenance>
  put(accountId: AccountId, maintenance: Maintenance, at: Instant): Promise<void>
}
