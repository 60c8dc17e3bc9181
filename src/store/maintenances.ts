import type { Kysely } from 'kysely'
import { type Freeze, type MaintenanceWindow, UNRESTRICTED } from '../domain/plan/maintenance.ts'
import type { Maintenances } from '../ports/maintenances.ts'
import { lookAtPlans } from './plan-looks.ts'
import type { Database } from './schema.ts'

export function createMaintenances(db: Kysely<Database>): Maintenances {
  return {
    async of(account) {
      const row = await db
        .selectFrom('maintenance')
        .select(['windows', 'freezes'])
        .where('account_id', '=', account)
        .executeTakeFirst()
      if (row === undefined) return UNRESTRICTED
      return {
        windows: row.windows as unknown as readonly MaintenanceWindow[],
        freezes: row.freezes as unknown as readonly Freeze[],
      }
    },
    async put(account, { windows, freezes }, at) {
      const values = { windows: JSON.stringify(windows), freezes: JSON.stringify(freezes), updated_at: at }
      await db
        .insertInto('maintenance')
        .values({ account_id: account, ...values })
        .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
        .execute()
      await lookAtPlans(db, { accountId: account, enrollmentId: null })
    },
  }
}
