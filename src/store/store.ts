import { type Kysely, sql } from 'kysely'
import type { Repositories, Store } from '../ports/store.ts'
import { createAccounts } from './accounts.ts'
import { createApiClients } from './api-clients.ts'
import { createAuditLog } from './audit-log.ts'
import { createCertificates } from './certificates.ts'
import { createChanges } from './changes.ts'
import { createComparisons } from './comparisons.ts'
import { createDeployments } from './deployments.ts'
import { createDnsZones } from './dns-zones.ts'
import { createDue } from './due.ts'
import { createEnrollmentLifecycle } from './enrollment-lifecycle.ts'
import { createEnrollments } from './enrollments.ts'
import { createChangeEvents } from './events.ts'
import { createFrozenContents } from './frozen-contents.ts'
import { createHistories } from './histories.ts'
import { createHandshakes } from './handshakes.ts'
import { createNameStandings } from './name-standings.ts'
import { createPlanLooks } from './plan-looks.ts'
import { createPlacedRecords } from './placed-records.ts'
import { createOrderBudgets } from './order-budgets.ts'
import { createRenewals } from './renewals.ts'
import { createMaintenances } from './maintenances.ts'
import { createReportedKeys } from './reported-keys.ts'
import { createPauses } from './pauses.ts'
import { createPins } from './pins.ts'
import { createNotices } from './notices.ts'
import { nextId } from './next-id.ts'
import type { Database } from './schema.ts'
import { createTrustChainSets } from './trust-chain-sets.ts'
import { createUploads } from './uploads.ts'
import { createUsage } from './usage.ts'
import { createValidations } from './validations.ts'
import { createVettings } from './vettings.ts'
import { createWatch } from './watch.ts'
import { tellWorkers } from './wake-ups.ts'

/** Class of the advisory locks on changes; the second key is the change's id folded into 32 bits. */
const CHANGE_LOCK_CLASS = 0x6368616e

export interface StoreOptions {
  /** Names this process in what edges are told. */
  readonly origin: string
  /** Ids follow from it; null: their gaps are random. */
  readonly seed?: number | null
}

export function createStore(db: Kysely<Database>, options: StoreOptions): Store {
  const { seed = null } = options
  return {
    read: repositoriesOn(db, options),
    transaction: (work) => db.transaction().execute((trx) => work(repositoriesOn(trx, options))),
    async nextIds<Counter extends 'enrollment' | 'change' | 'slot' | 'trust-chain-set'>(
      counters: readonly Counter[],
    ) {
      // Locked in one order, whatever the order of the rows on disk: else two of these could wait for each other.
      const { rows } = await sql<{ name: Counter; value: number }>`
        with mine as (select name from id_counters where name = any(${[...counters]}::text[]) order by name for update)
        update id_counters set value = ${nextId(seed)} from mine where id_counters.name = mine.name
        returning id_counters.name, value`.execute(db)
      return Object.fromEntries(rows.map(({ name, value }) => [name, value])) as Record<Counter, number>
    },
    withChangeLock(id, work) {
      return db.connection().execute(async (connection) => {
        const key = lockKey(id)
        const { rows } = await sql<{ held: boolean }>`
          select pg_try_advisory_lock(${CHANGE_LOCK_CLASS}, ${key}) as held`.execute(connection)
        if (rows[0]?.held !== true) return { held: false as const }
        try {
          const value = await work({
            read: repositoriesOn(connection, options),
            transaction: (inner) =>
              connection.transaction().execute((trx) => inner(repositoriesOn(trx, options))),
          })
          return { held: true as const, value }
        } finally {
          await sql`select pg_advisory_unlock(${CHANGE_LOCK_CLASS}, ${key})`.execute(connection)
        }
      })
    },
  }
}

/** Advisory lock keys are signed 32-bit; two changes that share one only wait for each other. */
const lockKey = (id: number): number => id | 0

function repositoriesOn(db: Kysely<Database>, { origin, seed = null }: StoreOptions): Repositories {
  return {
    vettings: createVettings(db, seed),
    due: createDue(db),
    lifecycle: createEnrollmentLifecycle(db),
    accounts: createAccounts(db),
    clients: createApiClients(db),
    enrollments: createEnrollments(db),
    changes: createChanges(db),
    events: createChangeEvents(db),
    certificates: createCertificates(db),
    uploads: createUploads(db),
    usage: createUsage(db),
    frozenContents: createFrozenContents(db),
    validations: createValidations(db),
    deployments: createDeployments(db, origin),
    comparisons: createComparisons(db),
    handshakes: createHandshakes(db),
    histories: createHistories(db),
    placedRecords: createPlacedRecords(db),
    renewals: createRenewals(db),
    orderBudgets: createOrderBudgets(db),
    dnsZones: createDnsZones(db),
    trustChainSets: createTrustChainSets(db),
    maintenances: createMaintenances(db),
    nameStandings: createNameStandings(db),
    planLooks: createPlanLooks(db),
    pauses: createPauses(db),
    pins: createPins(db),
    reportedKeys: createReportedKeys(db),
    notices: createNotices(db),
    watch: createWatch(db),
    audit: createAuditLog(db),
    async wake(id) {
      await sql`select ${tellWorkers(id, 0)}`.execute(db)
    },
  }
}
