import type { ChangeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { Accounts } from './accounts.ts'
import type { ApiClients } from './api-clients.ts'
import type { AuditLog } from './audit-log.ts'
import type { Certificates } from './certificates.ts'
import type { ChangeEvents } from './change-events.ts'
import type { Changes } from './changes.ts'
import type { Comparisons } from './comparisons.ts'
import type { Deployments } from './deployments.ts'
import type { DnsZones } from './dns-zones.ts'
import type { EnrollmentLifecycle } from './enrollment-lifecycle.ts'
import type { Enrollments } from './enrollments.ts'
import type { FrozenContents } from './frozen-contents.ts'
import type { Handshakes } from './handshakes.ts'
import type { Histories } from './histories.ts'
import type { Maintenances } from './maintenances.ts'
import type { Pauses } from './pauses.ts'
import type { Pins } from './pins.ts'
import type { NameStandings } from './name-standings.ts'
import type { Notices } from './notices.ts'
import type { OrderBudgets } from './order-budgets.ts'
import type { PlanLooks } from './plan-looks.ts'
import type { PlacedRecords } from './placed-records.ts'
import type { ReportedKeys } from './reported-keys.ts'
import type { Renewals } from './renewals.ts'
import type { TrustChainSets } from './trust-chain-sets.ts'
import type { Uploads } from './uploads.ts'
import type { Usage } from './usage.ts'
import type { Validations } from './validations.ts'
import type { Vettings } from './vetting.ts'
import type { Watch } from './watch.ts'

/** Everything inside one transaction sees one state; outside, each call commits by itself. */
export interface Repositories {
  readonly vettings: Vettings
  readonly due: { earliest(): Promise<Instant | null> }
  readonly lifecycle: EnrollmentLifecycle
  readonly renewals: Renewals
  readonly orderBudgets: OrderBudgets
  readonly planLooks: PlanLooks
  readonly nameStandings: NameStandings
  readonly maintenances: Maintenances
  readonly pauses: Pauses
  readonly pins: Pins
  readonly reportedKeys: ReportedKeys
  readonly notices: Notices
  readonly accounts: Accounts
  readonly clients: ApiClients
  readonly enrollments: Enrollments
  readonly changes: Changes
  readonly events: ChangeEvents
  readonly certificates: Certificates
  readonly uploads: Uploads
  readonly usage: Usage
  readonly frozenContents: FrozenContents
  readonly validations: Validations
  readonly placedRecords: PlacedRecords
  readonly deployments: Deployments
  readonly comparisons: Comparisons
  readonly handshakes: Handshakes
  readonly histories: Histories
  readonly dnsZones: DnsZones
  readonly trustChainSets: TrustChainSets
  readonly watch: Watch
  readonly audit: AuditLog
  /** Tells the workers that this change has something to do: a hint, for who does not want to wait for their next look. */
  wake(changeId: ChangeId): Promise<void>
}

export interface Store {
  readonly read: Repositories
  transaction<T>(work: (tx: Repositories) => Promise<T>): Promise<T>
  /** The next id of each counter, with random gaps, so that ids tell nothing about other accounts. Never handed out twice. */
  nextIds<Counter extends 'enrollment' | 'change' | 'slot' | 'trust-chain-set'>(
    counters: readonly Counter[],
  ): Promise<Record<Counter, number>>
  /**
   * Runs `work` while holding the change's advisory lock on a connection of its own; all of `work`'s statements use that connection,
   * so a lost connection loses the lock and the right to write together. `{held: false}` when another holds it.
   */
  withChangeLock<T>(
    id: ChangeId,
    work: (locked: LockedStore) => Promise<T>,
  ): Promise<{ held: true; value: T } | { held: false }>
}

export interface LockedStore {
  readonly read: Repositories
  transaction<T>(work: (tx: Repositories) => Promise<T>): Promise<T>
}
