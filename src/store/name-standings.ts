import { type Kysely, sql } from 'kysely'
import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import { requestedNames } from '../domain/enrollment/served-names.ts'
import { accountId, enrollmentId } from '../domain/identifiers.ts'
import { type Instant, instant } from '../domain/time.ts'
import {
  CONFIRMED_LOOKS,
  type KnownName,
  type NameFault,
  type Way,
} from '../domain/validation/name-standing.ts'
import type { NameStandings } from '../ports/name-standings.ts'
import type { Database } from './schema.ts'

interface DueRow {
  readonly id: number
  readonly account_id: string
  readonly settled_settings: EnrollmentSettings
  readonly live_from: number
  readonly live_until: number
}

export function createNameStandings(db: Kysely<Database>): NameStandings {
  return {
    async takeDue({ now, againAt }, limit) {
      const { rows } = await sql<DueRow>`
        with due as (
          select id from enrollments where names_look_at is not null and removed_at is null and names_look_at <= ${now}::bigint
          order by names_look_at, id limit ${limit}::integer for no key update skip locked),
        taken as (
          update enrollments e set names_look_at = ${againAt}::bigint from due where e.id = due.id
          returning e.id, e.account_id, e.settled_settings, e.live_from, e.live_until)
        select * from taken where settled_settings is not null and live_until is not null order by id`.execute(
        db,
      )
      return rows.map((row) => ({
        id: enrollmentId(row.id),
        accountId: accountId(row.account_id),
        names: requestedNames(row.settled_settings),
        live: { notBefore: instant(row.live_from), notAfter: instant(row.live_until) },
      }))
    },
    async of(id) {
      const rows = await db
        .selectFrom('name_standings')
        .selectAll()
        .where('enrollment_id', '=', id)
        .orderBy('name')
        .execute()
      return rows.map((row): KnownName => {
        const { fault_reason: reason, fault_text: text } = row
        return {
          name: row.name,
          stood: row.stood as Way[],
          wasKnown: row.was_known,
          fault: reason === null || text === null ? null : { reason: reason as NameFault['reason'], text },
          looks: row.fault_looks,
          since: row.fault_since as Instant | null,
        }
      })
    },
    async keep({ id, live }, names, nextAt) {
      const { numUpdatedRows } = await db
        .updateTable('enrollments')
        .set({ names_look_at: nextAt })
        .where('id', '=', id)
        .where('live_from', '=', live.notBefore)
        .where('live_until', '=', live.notAfter)
        .where('removed_at', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) return false
      await db.deleteFrom('name_standings').where('enrollment_id', '=', id).execute()
      if (names.length > 0)
        await db
          .insertInto('name_standings')
          .values(names.map((known) => rowOf(id, known)))
          .execute()
      return true
    },
    async lostCounts() {
      const rows = await db
        .selectFrom('name_standings')
        .innerJoin('enrollments', 'enrollments.id', 'name_standings.enrollment_id')
        .select(['fault_reason as reason', sql<number>`count(*)`.as('count')])
        .where('fault_reason', 'is not', null)
        .where('fault_looks', '>=', CONFIRMED_LOOKS)
        .where('removed_at', 'is', null)
        .groupBy('fault_reason')
        .orderBy('fault_reason')
        .execute()
      return rows.map(({ reason, count }) => ({
        reason: reason as NameFault['reason'],
        count: Number(count),
      }))
    },
    async stop() {
      await db
        .updateTable('enrollments')
        .set({ names_look_at: null })
        .where('names_look_at', 'is not', null)
        .execute()
      await db.deleteFrom('name_standings').execute()
    },
  }
}

const rowOf = (enrollment: number, { name, stood, wasKnown, fault, looks, since }: KnownName) => ({
  enrollment_id: enrollment,
  name,
  stood: [...stood],
  was_known: wasKnown,
  fault_reason: fault?.reason ?? null,
  fault_text: fault?.text ?? null,
  fault_looks: looks,
  fault_since: since,
})

/** The names of what went to production have just been proven. */
export const forgottenStandings = (enrollment: number) => sql`
  delete from name_standings s using saved where s.enrollment_id = ${enrollment}`
