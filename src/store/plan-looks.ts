import { type Kysely, sql } from 'kysely'
import {
  type AccountId,
  accountId,
  changeId,
  type EnrollmentId,
  enrollmentId,
} from '../domain/identifiers.ts'
import type { ToldConflict } from '../domain/plan/told-conflicts.ts'
import { instant } from '../domain/time.ts'
import type { PlanLooks } from '../ports/plan-looks.ts'
import type { Database } from './schema.ts'

const IS_LIVE = sql<boolean>`e.live_until is not null and e.removed_at is null`

/** An open change at rest that the last look did not find, or found in another state. */
const movedChanges = sql`
  select e.id, e.account_id from changes c join enrollments e on e.id = c.enrollment_id
  where c.state not in ('cancelled', 'completed', 'running') and ${IS_LIVE}
    and (e.plan_look_change is distinct from c.id or e.plan_look_revision is distinct from c.revision)`

const endedChanges = sql`
  select e.id, e.account_id from enrollments e
  where e.plan_look_change is not null and ${IS_LIVE}
    and exists (select from changes c where c.id = e.plan_look_change and c.state in ('cancelled', 'completed'))`

/** At once: what the plans of these enrollments follow from has changed. Null: of the whole account, of all accounts. */
export async function lookAtPlans(
  db: Kysely<Database>,
  scope: { readonly accountId: AccountId | null; readonly enrollmentId: EnrollmentId | null },
): Promise<void> {
  // Locked in one order, since renewals that are planned anew lock the same rows.
  await sql`
    with mine as (
      select e.id from enrollments e
      where e.account_id = coalesce(${scope.accountId}::text, e.account_id) and e.id = coalesce(${scope.enrollmentId}::bigint, e.id)
        and ${IS_LIVE} and e.plan_look_at is distinct from 0
      order by e.id for no key update)
    update enrollments e set plan_look_at = 0 from mine where mine.id = e.id`.execute(db)
}

export function createPlanLooks(db: Kysely<Database>): PlanLooks {
  return {
    async due(at, limit) {
      const { rows } = await sql<{ id: number; account_id: string }>`
        with timed as (
          select e.id, e.account_id from enrollments e
          where e.plan_look_at <= ${at}::bigint and e.plan_look_at is not null and ${IS_LIVE}
          order by e.plan_look_at, e.id limit ${limit}::integer)
        select id, account_id from timed union ${movedChanges} union ${endedChanges}
        order by id limit ${limit}::integer`.execute(db)
      return rows.map((row) => ({ id: enrollmentId(row.id), accountId: accountId(row.account_id) }))
    },
    async take(id) {
      const { rows } = await sql`
        select from enrollments e where e.id = ${id}::bigint and ${IS_LIVE} for no key update skip locked`.execute(
        db,
      )
      return rows.length === 1
    },
    async looked(id, seen, nextAt) {
      await db
        .updateTable('enrollments')
        .set({
          plan_look_at: nextAt,
          plan_look_change: seen?.id ?? null,
          plan_look_revision: seen?.revision ?? null,
        })
        .where('id', '=', id)
        .execute()
    },
    async told(id) {
      const rows = await db
        .selectFrom('told_conflicts')
        .selectAll()
        .where('enrollment_id', '=', id)
        .orderBy('code')
        .orderBy('change_id')
        .execute()
      return rows.map(
        (row): ToldConflict => ({
          code: row.code as ToldConflict['code'],
          changeId: row.change_id === 0 ? null : changeId(row.change_id),
          grade: row.grade as ToldConflict['grade'],
          until: instant(row.until),
          text: row.text,
        }),
      )
    },
    async keepTold(id, told) {
      await db.deleteFrom('told_conflicts').where('enrollment_id', '=', id).execute()
      if (told.length === 0) return
      await db
        .insertInto('told_conflicts')
        .values(
          told.map(({ code, changeId: change, grade, until, text }) => ({
            enrollment_id: id,
            code,
            change_id: change ?? 0,
            grade,
            until: Math.ceil(until),
            text,
          })),
        )
        .execute()
    },
  }
}
