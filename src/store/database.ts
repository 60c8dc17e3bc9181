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

/**
 * A host that goes without a word leaves its sessions behind, and with them the locks on the changes that it carried: by itself PostgreSQL would wait for
 * two hours. These ask after 10 s and give up after 25 s. A unix socket needs none of it and ignores them.
 */
const ASK_WHO_IS_SILENT = [
  'tcp_keepalives_idle=10',
  'tcp_keepalives_interval=5',
  'tcp_keepalives_count=3',
  'tcp_user_timeout=25000',
]

export function createPool({ connectionString, connections, log }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: connections,
    types,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    options: ASK_WHO_IS_SILENT.map((setting) => `-c ${setting}`).join(' '),
  })
  const report = (error: Error) => log.warn({ err: error }, 'a database connection was lost')
  pool.on('error', report)
  pool.on('connect', (client) => {
    client.on('error', report)
  })
  return pool
}

export const createDatabase = (pool: pg.Pool): Kysely<Database> =>
  new Kysely<Database>({ dialect: new PostgresDialect({ pool: namingPool(pool) }) })
