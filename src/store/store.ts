import { type Kysely, sql } from 'kysely'
import type { Random } from '../ports/random.ts'
import type { Repositories, Store } from '../ports/store.ts'
import { createAccounts } from './accounts.ts'
import { createCertificates } from './certificates.ts'
import { createChanges } from './changes.ts'
import { createDeployments, createHandshakes } from './deployments.ts'
import { createEnrollments } from './enrollments.ts'
import { createChangeEvents } from './events.ts'
import type { Database } from './schema.ts'
import { createValidations } from './validations.ts'

/** Class of the advisory locks on changes; the second key is the change's id folded into 32 bits. */
const CHANGE_LOCK_CLASS = 0x6368616e

/** Ids advance by 1 to this many (docs/divergences.md: ids). */
const LARGEST_ID_STEP = 50

export const CHANGE_CHANNEL = 'certrail_change'

export function createStore(db: Kysely<Database>, random: Random): Store {
  return {
    read: repositoriesOn(db),
    transaction: (work) => db.transaction().execute((trx) => work(repositoriesOn(trx))),
    async nextId(counter) {
      const row = await db
        .updateTable('id_counters')
        .set({ value: sql`value + ${1 + random.below(LARGEST_ID_STEP)}` })
        .where('name', '=', counter)
        .returning('value')
        .executeTakeFirstOrThrow()
      return row.value
    },
    withChangeLock(id, work) {
      return db.connection().execute(async (connection) => {
        const key = lockKey(id)
        const { rows } = await sql<{ held: boolean }>`
          select pg_try_advisory_lock(${CHANGE_LOCK_CLASS}, ${key}) as held`.execute(connection)
        if (rows[0]?.held !== true) return { held: false as const }
        try {
          const value = await work({
            read: repositoriesOn(connection),
            transaction: (inner) => connection.transaction().execute((trx) => inner(repositoriesOn(trx))),
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

function repositoriesOn(db: Kysely<Database>): Repositories {
  return {
    accounts: createAccounts(db),
    enrollments: createEnrollments(db),
    changes: createChanges(db),
    events: createChangeEvents(db),
    certificates: createCertificates(db),
    validations: createValidations(db),
    deployments: createDeployments(db),
    handshakes: createHandshakes(db),
    async enqueueAdvance(id, delayMs) {
      await sql`
        select graphile_worker.add_job(
          'advance-change', payload := json_build_object('changeId', ${id}::bigint),
          run_at := now() + ${delayMs} * interval '1 millisecond',
          job_key := ${`change:${id}`}, max_attempts := 25)`.execute(db)
    },
    async announce(change) {
      await sql`select pg_notify(${CHANGE_CHANNEL}, ${`${change.accountId} ${change.id}`})`.execute(db)
    },
  }
}
