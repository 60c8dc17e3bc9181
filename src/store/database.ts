import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Logger } from '../observe/log.ts'
import { namingPool } from './named-statements.ts'
import type { Database } from './schema.ts'

/** int8 as a number: instants and ids stay far below 2^53. */
const INT8 = 20
const INT8_ARRAY = 1016

const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8) return Number
    const fallback = pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text')
    if (oid === INT8_ARRAY) return (text: string) => (fallback(text) as string[]).map(Number)
    return fallback
  },
}

export interface DatabaseOptions {
  readonly connectionString: string
  readonly connections: number
  readonly log: Logger
}

export function createPool({ connectionString, connections, log }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: connections, types, connectionTimeoutMillis: 10_000 })
  const report = (error: Error) => log.warn({ err: error }, 'a database connection was lost')
  pool.on('error', report)
  pool.on('connect', (client) => {
    client.on('error', report)
  })
  return pool
}

export const createDatabase = (pool: pg.Pool): Kysely<Database> =>
  new Kysely<Database>({ dialect: new PostgresDialect({ pool: namingPool(pool) }) })
