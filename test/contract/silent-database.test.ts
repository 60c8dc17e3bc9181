import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLog } from '../../src/observe/log.ts'
import { createPool } from '../../src/store/database.ts'
import { createListener } from '../../src/store/listener.ts'
import { namingPool } from '../../src/store/named-statements.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createDatabaseWire, type DatabaseWire } from '../support/database-wire.ts'

const ANSWER_WITHIN_MS = 1_000
const log = createLog('silent')

let database: TestDatabase
let wire: DatabaseWire
beforeAll(async () => {
  database = await createTestDatabase()
  wire = await createDatabaseWire(database.url)
})
afterAll(async () => {
  await wire.close()
  await database.drop()
})

it('a statement without an answer fails as one whose database is away, and so does at once what would wait behind it', async () => {
  const pool = createPool({ connectionString: wire.url, connections: 2, log })
  const client = await namingPool(pool, ANSWER_WITHIN_MS).connect()
  await client.query('select 1 as one', [])
  await wire.silence()
  const fault = (error: unknown) => error
  const first = await client.query('select 2 as two', []).catch(fault)
  const second = await client.query('rollback', []).catch(fault)
  expect(first).toMatchObject({ code: 'database-unavailable' })
  expect(second).toBe(first)

  client.release()
  expect(pool.totalCount).toBe(0)
  await wire.unblock()
  expect((await pool.query('select 3 as three')).rows).toEqual([{ three: 3 }])
  await pool.end()
})

it('who listens notices the silence, listens again, and says that it may have missed something', async () => {
  const before = wire.opened()
  const notes = await createListener(wire.url, ['anything'], log, {
    askEveryMs: 50,
    answerWithinMs: ANSWER_WITHIN_MS,
  })
  const heard: unknown[] = []
  const isBack = new Promise<void>((resolve) => {
    notes.subscribe((note) => {
      heard.push(note)
      if (note === null) resolve()
    })
  })
  await wire.silence()
  await database.pool.query(`select pg_notify('anything', 'lost')`)
  // The one that fell silent, and one that asked anew.
  await expect.poll(wire.opened, { timeout: 20_000 }).toBeGreaterThan(before + 1)
  await wire.unblock()
  await isBack
  await notes.close()
  expect(heard).toContain(null)
})
