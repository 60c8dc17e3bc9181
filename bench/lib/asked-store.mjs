import { Kysely, PostgresDialect } from 'kysely'
import { createPool } from '../../dist/store/database.js'
import { createStore } from '../../dist/store/store.js'
import { namingPool } from '../../dist/store/named-statements.js'
import { createLog } from '../../dist/observe/log.js'

/** The store as a process has it, and the statements that it sends. */
export function openAskedStore(connectionString) {
  const pool = createPool({ connectionString, connections: 4, log: createLog('silent') })
  const sent = []
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: namingPool(pool) }),
    log: ({ query }) => sent.push({ text: query.sql, values: query.parameters }),
  })
  return {
    pool,
    read: createStore(db, { origin: 'bench' }).read,
    /** What was sent since the last call. */
    taken: () => sent.splice(0),
    close: () => db.destroy(),
  }
}
