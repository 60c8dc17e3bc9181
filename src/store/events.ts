import type { Kysely, Selectable } from 'kysely'
import { changeId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { ChangeEventRecord, ChangeEvents } from '../ports/change-events.ts'
import type { Database } from './schema.ts'

export function createChangeEvents(db: Kysely<Database>): ChangeEvents {
  return {
    async ofChange(change) {
      const rows = await db
        .selectFrom('change_events')
        .selectAll()
        .where('change_id', '=', change)
        .orderBy('id')
        .execute()
      return rows.map(toEvent)
    },
    async ofAccountAfter(account, id, limit) {
      const rows = await db
        .selectFrom('change_events')
        .selectAll()
        .where('account_id', '=', account)
        .where('id', '>', id)
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toEvent)
    },
    async newestId() {
      const row = await db
        .selectFrom('change_events')
        .select('id')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.id ?? 0
    },
  }
}

const toEvent = (row: Selectable<Database['change_events']>): ChangeEventRecord => ({
  id: row.id,
  changeId: changeId(row.change_id),
  enrollmentId: enrollmentId(row.enrollment_id),
  event: row.event,
  status: row.status,
  state: row.state,
  at: row.at as Instant,
  realAt: row.real_at as Instant,
})
