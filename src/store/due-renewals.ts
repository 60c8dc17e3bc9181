import { type Kysely, sql } from 'kysely'
import { type EnrollmentId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { Database } from './schema.ts'

export const IS_FREE = sql<boolean>`not exists (
  select from changes c where c.enrollment_id = enrollments.id and c.state not in ('cancelled', 'completed'))`

export const plannedAndFree = (db: Kysely<Database>) =>
  db
    .selectFrom('enrollments')
    .where('renew_at', 'is not', null)
    .where('removed_at', 'is', null)
    .where(IS_FREE)

/** The first to be due first, those of one moment by id. */
export const plannedRenewals = (db: Kysely<Database>) => plannedAndFree(db).orderBy('renew_at').orderBy('id')

/** In [0, 1] as long as it lives: the smaller, the more urgent. */
const shareLeft = (at: Instant) =>
  sql<number>`(live_until - ${at}::bigint)::float8 / greatest(1, live_until - live_from)`

/** So many are sorted as they are. After an outage a good part of the fleet is due, and to sort all of it takes longer than to begin what comes first. */
const SORTED = 1_000

/** Of those that are due, the ones with the smallest share of their life left. */
export async function mostUrgent(
  db: Kysely<Database>,
  at: Instant,
  limit: number,
): Promise<readonly EnrollmentId[]> {
  const few = await db
    .with('due', () =>
      plannedRenewals(db)
        .select(['id', 'live_from', 'live_until'])
        .where('renew_at', '<=', at)
        .limit(SORTED + 1),
    )
    .selectFrom('due')
    .select(['id', sql<number>`count(*) over ()`.as('found')])
    .orderBy(shareLeft(at), (order) => order.asc().nullsFirst())
    .orderBy('id')
    .limit(limit)
    .execute()
  const rows = Number(few[0]?.found ?? 0) > SORTED ? await mostUrgentOfMany(db, at, limit) : few
  return rows.map(({ id }) => enrollmentId(id))
}

/** Literally, so that the plan of a kept statement can use the partial index. */
const IS_PLANNED = sql<boolean>`renew_at is not null and removed_at is null`

/**
 * The most urgent of each class of lifetimes, which the index has in order, and of all those the most urgent: a class holds lifetimes within a fiftieth of each
 * other, of which the one that ends first counts as the more urgent.
 */
async function mostUrgentOfMany(
  db: Kysely<Database>,
  at: Instant,
  limit: number,
): Promise<readonly { readonly id: number }[]> {
  const { rows } = await sql<{ id: number }>`
    with recursive classes as (
      (select lifetime_class from enrollments where ${IS_PLANNED} order by lifetime_class limit 1)
      union all
      select (
        select lifetime_class from enrollments where ${IS_PLANNED} and enrollments.lifetime_class > classes.lifetime_class
        order by lifetime_class limit 1)
      from classes where classes.lifetime_class is not null)
    select urgent.id from classes cross join lateral (
      select id, live_from, live_until from enrollments
      where enrollments.lifetime_class = classes.lifetime_class and ${IS_PLANNED} and renew_at <= ${at}::bigint and ${IS_FREE}
      order by live_until nulls first, id limit ${limit}::integer) as urgent
    order by ${shareLeft(at)} nulls first, urgent.id limit ${limit}::integer`.execute(db)
  return rows
}
