import { type Kysely, type Selectable, sql } from 'kysely'
import { accountId, enrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'
import type { PauseRecord, Pauses } from '../ports/pauses.ts'
import { lookAtPlans } from './plan-looks.ts'
import type { Database } from './schema.ts'

export function createPauses(db: Kysely<Database>): Pauses {
  const widestFirst = () =>
    db
      .selectFrom('pauses')
      .selectAll()
      .orderBy(sql`account_id nulls first`)
      .orderBy(sql`enrollment_id nulls first`)
      .orderBy(sql`network nulls first`)
  return {
    async put(record) {
      await sql`
        insert into pauses (account_id, enrollment_id, network, reason, paused_by, paused_at)
        values (${record.accountId}, ${record.enrollmentId}::bigint, ${record.network}, ${record.reason}, ${record.pausedBy}, ${record.pausedAt}::bigint)
        on conflict (coalesce(account_id, ''), coalesce(enrollment_id, 0), coalesce(network, ''))
        do update set reason = excluded.reason`.execute(db)
      await lookAtPlans(db, record)
    },
    async remove(scope) {
      await sql`
        delete from pauses where account_id is not distinct from ${scope.accountId}::text
          and enrollment_id is not distinct from ${scope.enrollmentId}::bigint
          and network is not distinct from ${scope.network}::text`.execute(db)
      await lookAtPlans(db, scope)
    },
    async covering(account, enrollment, network) {
      const rows = await widestFirst()
        .where(sql<boolean>`coalesce(account_id, ${account}) = ${account}`)
        .where(sql<boolean>`coalesce(enrollment_id, ${enrollment}::bigint) = ${enrollment}::bigint`)
        .where(sql<boolean>`coalesce(network, ${network}) = ${network}`)
        .execute()
      return rows.map(toPause)
    },
    async concerning(account) {
      const rows = await widestFirst()
        .where(sql<boolean>`coalesce(account_id, ${account}) = ${account}`)
        .execute()
      return rows.map(toPause)
    },
  }
}

const toPause = (row: Selectable<Database['pauses']>): PauseRecord => ({
  accountId: row.account_id === null ? null : accountId(row.account_id),
  enrollmentId: row.enrollment_id === null ? null : enrollmentId(row.enrollment_id),
  network: row.network as Network | null,
  reason: row.reason,
  pausedBy: row.paused_by,
  pausedAt: row.paused_at as Instant,
})
