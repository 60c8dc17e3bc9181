import { type RawBuilder, sql } from 'kysely'
import type { Database } from './schema.ts'

/** jsonb columns as plain values, bytea columns through `octets`. */
export type Row<Table extends keyof Database> = { readonly [Column in keyof Database[Table]]?: unknown }

/**
 * `insert into TABLE … select …` of rows that travel as one parameter, so that the statement's text is the same for any number of them. `from` names
 * a common table expression without whose row nothing is inserted; all rows have the columns of the first one.
 */
export function insertRows<Table extends keyof Database>(
  table: Table,
  rows: readonly Row<Table>[],
  options: { readonly from?: string; readonly conflict?: RawBuilder<unknown> } = {},
): RawBuilder<unknown> {
  const columns = Object.keys(rows[0] ?? {})
  const names = sql.join(columns.map((column) => sql.ref(column)))
  const values = sql.join(columns.map((column) => sql.ref(`given.${column}`)))
  const source = options.from === undefined ? sql`` : sql`${sql.table(options.from)} cross join`
  return sql`
    insert into ${sql.table(table)} (${names})
    select ${values} from ${source} jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb) given
    ${options.conflict ?? sql``}`
}

/** As PostgreSQL reads a bytea from text. */
export const octets = (value: Uint8Array): string => `\\x${Buffer.from(value).toString('hex')}`
