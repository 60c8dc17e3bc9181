import { type Kysely, type Selectable, sql } from 'kysely'
import type { Change, ChangeFailure, ChangeProgress, Finding } from '../domain/change/change.ts'
import type { ChangeEffect } from '../domain/change/effects.ts'
import type { ChangeAction, ChangeStateName, ChangeStatus } from '../domain/change/vocabulary.ts'
import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import { accountId, changeId, enrollmentId } from '../domain/identifiers.ts'
import { RENEWAL_ENGINE } from '../domain/renewal/renewal-start.ts'
import type { Instant } from '../domain/time.ts'
import type { Changes } from '../ports/changes.ts'
import { keptTables } from './kept.ts'
import { recordMove, told } from './record-move.ts'
import type { Database } from './schema.ts'

const OUTLINE = ['action', 'status', 'state', 'error', 'not_before', 'not_after', 'revision'] as const

const OPEN = sql<boolean>`state not in ('cancelled', 'completed')`

/** The newest change of each enrollment whose removal waits for a push to production that is over: whoever carried it may have died before beginning the removal. */
const endedBeforeRemovals = async (db: Kysely<Database>, limit: number) => {
  const { rows } = await sql<{ id: number }>`
    select newest.id from enrollments e
    cross join lateral (select c.id, c.state from changes c where c.enrollment_id = e.id order by c.id desc limit 1) newest
    where e.removal_wish is not null and e.removed_at is null and newest.state in ('completed', 'cancelled', 'error')
    limit ${limit}`.execute(db)
  return rows
}

export function createChanges(db: Kysely<Database>): Changes {
  return {
    async insert(change, note) {
      const row = {
        id: change.id,
        enrollment_id: change.enrollmentId,
        account_id: change.accountId,
        action: change.action,
        created_by: change.createdBy,
        created_at: change.createdAt,
        revision: change.revision,
        ...mutable(change),
      }
      const insert = db.insertInto('changes').values(row).returning('id')
      await recordMove(db, sql`${insert}`, told(change, change.revision, note))
    },
    async record(change, note, kept = {}) {
      const update = updateIfUnchanged(db, change).returning('id')
      return recordMove(db, sql`${update}`, [
        ...told(change, change.revision + 1, note),
        ...keptTables(change, kept),
      ])
    },
    async find(account, enrollment, id) {
      const row = await db
        .selectFrom('changes')
        .selectAll()
        .where('id', '=', id)
        .where('enrollment_id', '=', enrollment)
        .where('account_id', '=', account)
        .executeTakeFirst()
      return row ? toChange(row) : null
    },
    async outline(account, enrollment, id) {
      const row = await db
        .selectFrom('changes')
        .select(OUTLINE)
        .where('id', '=', id)
        .where('enrollment_id', '=', enrollment)
        .where('account_id', '=', account)
        .executeTakeFirst()
      return row ? { id, enrollmentId: enrollment, ...outlineOf(row) } : null
    },
    async load(id) {
      const row = await db.selectFrom('changes').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? toChange(row) : null
    },
    async openOf(enrollments) {
      if (enrollments.length === 0) return []
      const rows = await db
        .selectFrom('changes')
        .selectAll()
        .where('enrollment_id', 'in', [...enrollments])
        .where(OPEN)
        .execute()
      return rows.map(toChange)
    },
    async save(change) {
      const { numUpdatedRows } = await updateIfUnchanged(db, change).executeTakeFirst()
      return numUpdatedRows === 1n
    },
    async isDue(id, at) {
      const due = db.selectFrom('changes').select('id').where('id', '=', id).where('next_at', '<=', at)
      return (await due.executeTakeFirst()) !== undefined
    },
    async due(at, limit) {
      const rows = await db
        .selectFrom('changes')
        .select('id')
        .where('next_at', '<=', at)
        .orderBy('next_at')
        .orderBy('enrollment_id')
        .limit(limit)
        .execute()
      return [...rows, ...(await endedBeforeRemovals(db, limit))].map((row) => changeId(row.id))
    },
    async forWorkers(at, limit) {
      const byEngine = sql<boolean>`created_by = ${RENEWAL_ENGINE}`
      const rows = await db
        .selectFrom('changes')
        .select(['id', byEngine.as('by_engine')])
        .where('next_at', '<=', at)
        .orderBy(byEngine)
        .orderBy('next_at')
        .orderBy('enrollment_id')
        .limit(limit)
        .execute()
      const ended = (await endedBeforeRemovals(db, limit)).map(({ id }) => ({ id, by_engine: false }))
      return [...ended, ...rows].map((row) => ({
        changeId: changeId(row.id),
        lane: row.by_engine ? 'engine' : 'person',
      }))
    },
    async release(scope, at) {
      const { rows } = await sql<{ id: number }>`
        update changes set progress = progress - 'heldUntil' - 'held', revision = revision + 1,
          next_at = greatest(${at}::bigint, case when status = 'wait-deployment-schedule' and not_before is not null
            then least(not_before, (progress -> 'live' ->> 'lastSafe')::bigint) end)
        where ${OPEN} and progress -> 'held' is not null
          and account_id = coalesce(${scope.accountId}::text, account_id)
          and enrollment_id = coalesce(${scope.enrollmentId}::bigint, enrollment_id)
        returning id`.execute(db)
      return rows.map((row) => changeId(row.id))
    },
    async releaseFromWindows(account, at) {
      const { rows } = await sql<{ id: number }>`
        update changes set progress = progress - 'heldUntil', revision = revision + 1,
          next_at = greatest(${at}::bigint, case when not_before is not null
            then least(not_before, (progress -> 'live' ->> 'lastSafe')::bigint) end)
        where ${OPEN} and status = 'wait-deployment-schedule' and state = 'suspended' and account_id = ${account}
          and progress -> 'heldUntil' is not null and progress -> 'held' is null
        returning id`.execute(db)
      return rows.map((row) => changeId(row.id))
    },
    async hasten(code, at) {
      const { rows } = await sql<{ id: number }>`
        update changes set next_at = least(next_at, ${at}::bigint), revision = revision + 1
        where state = 'error' and next_at is not null and error ->> 'code' = ${code}
        returning id`.execute(db)
      return rows.map((row) => changeId(row.id))
    },
    async countsByStatus() {
      const rows = await db
        .selectFrom('changes')
        .select([
          'status',
          'state',
          sql<number>`count(*)`.as('count'),
          sql<number>`min(entered_at)`.as('oldest'),
        ])
        .where(OPEN)
        .groupBy(['status', 'state'])
        .execute()
      return rows.map(({ status, state, count, oldest }) => ({
        status,
        state,
        count: Number(count),
        oldestEnteredAt: Number(oldest) as Instant,
      }))
    },
  }
}

const updateIfUnchanged = (db: Kysely<Database>, change: Change) =>
  db
    .updateTable('changes')
    .set({ ...mutable(change), revision: change.revision + 1 })
    .where('id', '=', change.id)
    .where('revision', '=', change.revision)

function mutable(change: Change) {
  return {
    status: change.status,
    state: change.state,
    settings: JSON.stringify(change.settings),
    staging_bypass: change.stagingBypass,
    effects: JSON.stringify(change.effects),
    progress: JSON.stringify(change.progress),
    findings: JSON.stringify(change.findings),
    error: change.error === null ? null : JSON.stringify(change.error),
    not_before: change.notBefore,
    not_after: change.notAfter,
    next_at: change.nextAt,
    entered_at: change.enteredAt,
    updated_at: change.updatedAt,
  }
}

const outlineOf = (row: Pick<Selectable<Database['changes']>, (typeof OUTLINE)[number]>) => ({
  action: row.action as ChangeAction,
  status: row.status as ChangeStatus,
  state: row.state as ChangeStateName,
  error: row.error as ChangeFailure | null,
  notBefore: row.not_before as Instant | null,
  notAfter: row.not_after as Instant | null,
  revision: row.revision,
})

export function toChange(row: Selectable<Database['changes']>): Change {
  return {
    ...outlineOf(row),
    id: changeId(row.id),
    enrollmentId: enrollmentId(row.enrollment_id),
    accountId: accountId(row.account_id),
    settings: row.settings as EnrollmentSettings,
    stagingBypass: row.staging_bypass,
    effects: row.effects as ChangeEffect[],
    progress: row.progress as ChangeProgress,
    findings: row.findings as Finding[],
    nextAt: row.next_at as Instant | null,
    createdBy: row.created_by,
    createdAt: row.created_at as Instant,
    enteredAt: row.entered_at as Instant,
    updatedAt: row.updated_at as Instant,
  }
}
