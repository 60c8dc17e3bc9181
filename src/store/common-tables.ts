import { type RawBuilder, sql } from 'kysely'

/** One part of a statement that writes several tables. All parts see the database as it was before the statement. */
export interface CommonTable {
  readonly name: string
  readonly query: RawBuilder<unknown>
  /** For a select with an effect (pg_notify): PostgreSQL leaves out what nobody reads. */
  readonly isRead?: boolean
}

/** `with` and what follows it, up to the select. */
export const withTables = (tables: readonly CommonTable[]): RawBuilder<unknown> =>
  sql`with ${sql.join(
    tables.map(({ name, query, isRead }) =>
      isRead ? sql`${sql.ref(name)} as materialized (${query})` : sql`${sql.ref(name)} as (${query})`,
    ),
  )}`

/** An expression that reads those that have to be read. */
export const readTables = (tables: readonly CommonTable[]): RawBuilder<unknown> =>
  sql.join(
    [
      sql`0`,
      ...tables
        .filter(({ isRead }) => isRead)
        .map(({ name }) => sql`(select count(*) from ${sql.ref(name)})`),
    ],
    sql` + `,
  )
