import { type Kysely, sql } from 'kysely'
import { accountId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { Renewals } from '../ports/renewals.ts'
import type { Database } from './schema.ts'

const IS_FREE = sql<boolean>`not exists (
  select from changes c where c.enrollment_id = enrollments.id and c.state not in ('cancelled', 'completed'))`

/** The first to be due first, those of one moment by id. */
export const plannedRenewals = (db: Kysely<Database>) =>
  db
    .selectFrom('enrollments')
    .where('renew_at', 'is not', null)
    .where('removed_at', 'is', null)
    .where(IS_FREE)
    .orderBy('renew_at')
    .orderBy('id')

export function createRenewals(db: Kysely<Database>): Renewals {
  return {
    async due(at, limit) {
      const rows = await plannedRenewals(db)
        .select(['id', 'account_id'])
        .where('renew_at', '<=', at)
        .limit(limit)
        .execute()
      return rows.map((row) => ({ enrollmentId: enrollmentId(row.id), accountId: accountId(row.account_id) }))
    },
    async take(id, at) {
      // Locked first, looked at then: who changes the enrollment at this moment has either begun a change that is seen here, or will see this one.
      await db.selectFrom('enrollments').select('id').where('id', '=', id).forUpdate().execute()
      const { numUpdatedRows } = await db
        .updateTable('enrollments')
        .set({ renew_at: null, revision: sql<number>`revision + 1` })
        .where('id', '=', id)
        .where('renew_at', '<=', at)
        .where('removed_at', 'is', null)
        .where(IS_FREE)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    async postpone(id, to) {
      await db
        .updateTable('enrollments')
        .set({ renew_at: sql<number>`greatest(coalesce(renew_at, 0), ${to}::bigint)` })
        .where('id', '=', id)
        .where('auto_renewal_at', 'is not', null)
        .execute()
    },
    async planOf(id) {
      const row = await db
        .selectFrom('enrollments')
        .select(['renew_at', 'keep_key'])
        .where('id', '=', id)
        .executeTakeFirst()
      return { at: (row?.renew_at ?? null) as Instant | null, keepKey: row?.keep_key ?? false }
    },
    async plannedOf(account) {
      const rows = await db
        .selectFrom('enrollments')
        .select('id')
        .where('account_id', '=', account)
        .where('renew_at', 'is not', null)
        .where('removed_at', 'is', null)
        .orderBy('id')
        .execute()
      return rows.map((row) => enrollmentId(row.id))
    },
    async replan(id, at) {
      await db
        .updateTable('enrollments')
        .set({ renew_at: at, auto_renewal_at: at, revision: sql<number>`revision + 1` })
        .where('id', '=', id)
        .where('renew_at', 'is not', null)
        .execute()
    },
    async keepKey(id, keepKey) {
      await db.updateTable('enrollments').set({ keep_key: keepKey }).where('id', '=', id).execute()
    },
  }
}
