import { type Kysely, sql } from 'kysely'
import { accountId, enrollmentId } from '../domain/identifiers.ts'
import type { ValidationType } from '../domain/enrollment/enrollment.ts'
import { type Instant, instant } from '../domain/time.ts'
import type { RenewalWindow } from '../domain/renewal/renewal-window.ts'
import { mostUrgentFirst } from '../domain/renewal/order-limit.ts'
import type { DueRenewal, Renewals } from '../ports/renewals.ts'
import { IS_FREE, mostUrgent, plannedAndFree, plannedRenewals } from './due-renewals.ts'
import type { Database } from './schema.ts'

const OF_RENEWAL = [
  'id',
  'account_id',
  'live_from',
  'live_until',
  'window_start',
  'window_end',
  'window_url',
  sql<ValidationType>`settled_settings ->> 'validationType'`.as('validation_type'),
  sql<number | null>`(settled_settings ->> 'orgId')::bigint`.as('org_id'),
] as const

interface WindowRow {
  readonly window_start: number | null
  readonly window_end: number | null
  readonly window_url: string | null
}

const toWindow = (row: WindowRow): RenewalWindow | null =>
  row.window_start === null || row.window_end === null
    ? null
    : { start: instant(row.window_start), end: instant(row.window_end), explanationUrl: row.window_url }

interface RenewalRow extends WindowRow {
  readonly id: number
  readonly account_id: string
  readonly live_from: number | null
  readonly live_until: number | null
  readonly validation_type: ValidationType
  readonly org_id: number | null
}

/** What was live before lifetimes were kept counts as expired: it goes first. */
const toRenewal = (row: RenewalRow): DueRenewal => ({
  id: enrollmentId(row.id),
  accountId: accountId(row.account_id),
  validationType: row.validation_type,
  orgId: row.org_id === null ? null : Number(row.org_id),
  live: { notBefore: instant(row.live_from ?? 0), notAfter: instant(row.live_until ?? 0) },
  information: toWindow(row),
})

export function createRenewals(db: Kysely<Database>): Renewals {
  return {
    async due(at, limit) {
      const ids = await mostUrgent(db, at, limit)
      if (ids.length === 0) return []
      const rows = await db.selectFrom('enrollments').select(OF_RENEWAL).where('id', 'in', ids).execute()
      return mostUrgentFirst(rows.map(toRenewal), at)
    },
    async nextAt() {
      const row = await plannedRenewals(db).select('renew_at').limit(1).executeTakeFirst()
      return (row?.renew_at ?? null) as Instant | null
    },
    async heldBy(account) {
      const rows = await plannedAndFree(db).select(OF_RENEWAL).where('held_by', '=', account).execute()
      return rows.map(toRenewal)
    },
    async toAsk(at, limit) {
      const rows = await db
        .selectFrom('enrollments')
        .select([...OF_RENEWAL, 'ask_failures'])
        .where('ask_at', '<=', at)
        .where('ask_at', 'is not', null)
        .where('renew_at', 'is not', null)
        .where('removed_at', 'is', null)
        .orderBy('ask_at')
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ ...toRenewal(row), failures: row.ask_failures }))
    },
    async informationOf(id) {
      const row = await db
        .selectFrom('enrollments')
        .select(['window_start', 'window_end', 'window_url'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : toWindow(row)
    },
    async keepInformation({ id, live }, information, askAt) {
      const { numUpdatedRows } = await db
        .updateTable('enrollments')
        .set({
          ask_at: askAt,
          ask_failures: 0,
          window_start: information?.start ?? null,
          window_end: information?.end ?? null,
          window_url: information?.explanationUrl ?? null,
        })
        .where('id', '=', id)
        .where(sql<number>`coalesce(live_until, 0)`, '=', live.notAfter)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    async askLater(id, askAt) {
      await db
        .updateTable('enrollments')
        .set({ ask_at: askAt, ask_failures: sql<number>`ask_failures + 1` })
        .where('id', '=', id)
        .execute()
    },
    async heldCounts() {
      const rows = await db
        .selectFrom('enrollments')
        .select(['held_by', sql<number>`count(*)`.as('count')])
        .where('held_by', 'is not', null)
        .where('renew_at', 'is not', null)
        .where('removed_at', 'is', null)
        .groupBy('held_by')
        .execute()
      return rows.map(({ held_by: account, count }) => ({ account: account ?? '', count: Number(count) }))
    },
    async hold(account, turns) {
      if (turns.length === 0) return
      // Locked in one order, since windows that change move the same rows.
      await sql`
        with turns as (
          select * from unnest(${turns.map(({ id }) => id)}::bigint[], ${turns.map(({ at }) => at)}::bigint[]) as turns (id, at)),
        mine as (
          select e.id, turns.at from enrollments e join turns on turns.id = e.id
          where e.renew_at is not null and (e.renew_at <> turns.at or e.held_by is distinct from ${account})
          order by e.id for update of e)
        update enrollments e set renew_at = mine.at, auto_renewal_at = mine.at, held_by = ${account},
          held_since = coalesce(e.held_since, e.renew_at), revision = revision + 1, plan_look_at = 0
        from mine where mine.id = e.id`.execute(db)
    },
    async releaseHeld() {
      await db
        .updateTable('enrollments')
        .set({ renew_at: sql<number>`held_since`, held_by: null, held_since: null, plan_look_at: 0 })
        .where('held_by', 'is not', null)
        .where('renew_at', 'is not', null)
        .execute()
    },
    async take(id, at) {
      // Locked first, looked at then: who changes the enrollment at this moment has either begun a change that is seen here, or will see this one.
      await db.selectFrom('enrollments').select('id').where('id', '=', id).forUpdate().execute()
      const { numUpdatedRows } = await db
        .updateTable('enrollments')
        .set({
          renew_at: null,
          held_by: null,
          held_since: null,
          plan_look_at: 0,
          revision: sql<number>`revision + 1`,
        })
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
        .set({
          renew_at: sql<number>`greatest(coalesce(renew_at, 0), ${to}::bigint)`,
          held_by: null,
          held_since: null,
          plan_look_at: 0,
        })
        .where('id', '=', id)
        .where('auto_renewal_at', 'is not', null)
        .execute()
    },
    async planOf(id) {
      const row = await db
        .selectFrom('enrollments')
        .select(['renew_at', 'keep_key', 'held_by', 'held_since'])
        .where('id', '=', id)
        .executeTakeFirst()
      const isHeld = row !== undefined && row.held_by !== null && row.held_since !== null
      return {
        at: (row?.renew_at ?? null) as Instant | null,
        keepKey: row?.keep_key ?? false,
        held: isHeld ? { account: row.held_by ?? '', since: instant(row.held_since ?? 0) } : null,
      }
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
        .set({
          renew_at: at,
          auto_renewal_at: at,
          held_by: null,
          held_since: null,
          plan_look_at: 0,
          revision: sql<number>`revision + 1`,
        })
        .where('id', '=', id)
        .where('renew_at', 'is not', null)
        .execute()
    },
    async keepKey(id, keepKey) {
      await db.updateTable('enrollments').set({ keep_key: keepKey }).where('id', '=', id).execute()
    },
  }
}
