import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Change } from '../domain/change/change.ts'
import { isAtRest } from '../domain/change/rest.ts'
import type { MoveNote } from '../ports/changes.ts'
import { writeNote } from './change-signals.ts'
import { CHANGE_CHANNEL } from './channels.ts'
import { type CommonTable, readTables, withTables } from './common-tables.ts'
import type { Database } from './schema.ts'
import { tellWorkers } from './wake-ups.ts'

/**
 * One statement, since a move is the most frequent write: `write` returns the change's row, and `tables` happen only when it did. Says whether it did.
 */
export async function recordMove(
  db: Kysely<Database>,
  write: RawBuilder<unknown>,
  tables: readonly CommonTable[],
): Promise<boolean> {
  const all = [{ name: 'saved', query: write }, ...tables]
  const { rows } = await sql<{ saved: boolean }>`
    ${withTables(all)} select exists (select from saved) as saved, ${readTables(tables)} as told`.execute(db)
  return rows[0]?.saved === true
}

/** History, note and wake-up of a move. `revision` is the one that the change has after it. */
export function told(change: Change, revision: number, note: MoveNote): readonly CommonTable[] {
  const { id, enrollmentId, accountId, status, state } = change
  const payload = writeNote({
    accountId,
    changeId: id,
    revision,
    status,
    state,
    rests: isAtRest(change),
    notBefore: change.notBefore,
    notAfter: change.notAfter,
  })
  const history = sql`
    insert into change_events (change_id, enrollment_id, account_id, event, status, state, at, real_at)
    select ${id}::bigint, ${enrollmentId}::bigint, ${accountId}, ${note.event}, ${status}, ${state}, ${note.at}::bigint, ${note.realAt}::bigint
    from saved`
  const tables = [
    { name: 'history', query: history },
    { name: 'note', query: sql`select pg_notify(${CHANGE_CHANNEL}, ${payload}) from saved`, isRead: true },
  ]
  if (note.wakeAfterMs === null) return tables
  return [
    ...tables,
    {
      name: 'wake',
      query: sql`select ${tellWorkers(id, note.wakeAfterMs, note.lane)} from saved`,
      isRead: true,
    },
  ]
}
