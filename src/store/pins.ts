import type { Kysely } from 'kysely'
import { accountId, deploymentId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { Pins } from '../ports/pins.ts'
import { lookAtPlans } from './plan-looks.ts'
import type { Database } from './schema.ts'

export const createPins = (db: Kysely<Database>): Pins => ({
  async of(id) {
    const row = await db.selectFrom('pins').selectAll().where('enrollment_id', '=', id).executeTakeFirst()
    if (row === undefined) return null
    return {
      enrollmentId: enrollmentId(row.enrollment_id),
      accountId: accountId(row.account_id),
      deploymentId: deploymentId(row.deployment_id),
      reason: row.reason,
      pinnedBy: row.pinned_by,
      pinnedAt: row.pinned_at as Instant,
    }
  },
  async put(record) {
    const row = {
      enrollment_id: record.enrollmentId,
      account_id: record.accountId,
      deployment_id: record.deploymentId,
      reason: record.reason,
      pinned_by: record.pinnedBy,
      pinned_at: record.pinnedAt,
    }
    await db
      .insertInto('pins')
      .values(row)
      .onConflict((conflict) => conflict.column('enrollment_id').doUpdateSet(row))
      .execute()
    await lookAtPlans(db, record)
  },
  async remove(id) {
    await db.deleteFrom('pins').where('enrollment_id', '=', id).execute()
    await lookAtPlans(db, { accountId: null, enrollmentId: id })
  },
})
