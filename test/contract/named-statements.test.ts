import { type Kysely, sql } from 'kysely'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLog } from '../../src/observe/log.ts'
import { createDatabase, createPool } from '../../src/store/database.ts'
import type { Database } from '../../src/store/schema.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let pool: pg.Pool
let db: Kysely<Database>
beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool({ connectionString: database.url, connections: 1, log: createLog('silent') })
  db = createDatabase(pool)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const kept = async (): Promise<number> =>
  (await pool.query("select from pg_prepared_statements where name like 'certrail_%'")).rowCount ?? 0

it('a statement with values is kept once, however often it is sent and with whatever values', async () => {
  const before = await kept()
  const read = (id: string) => db.selectFrom('accounts').selectAll().where('id', '=', id).execute()
  for (const id of ['one', 'two', "it's"]) expect(await read(id)).toEqual([])
  expect((await kept()) - before).toBe(1)
})

it('only so many are kept: lists make any number of forms', async () => {
  for (let count = 1; count <= 300; count += 1) {
    const list = sql.join(Array.from({ length: count }, () => 'x'))
    const { rows } = await sql`select ${'x'}::text in (${list}) as found`.execute(db)
    expect(rows).toEqual([{ found: true }])
  }
  expect(await kept()).toBeLessThanOrEqual(200)
})

it('after a migration a kept statement fails once per connection, and never again', async () => {
  const fresh = createDatabase(pool)
  const read = () => fresh.selectFrom('data_keys').selectAll().where('id', '>', 0).execute()
  await read()
  await pool.query('alter table data_keys add column later text')
  await expect(read()).rejects.toThrow('cached plan must not change result type')
  expect(await read()).toEqual([])
})

it('an ordinary failure costs no connection', async () => {
  const pid = async () => (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid
  const before = await pid()
  await expect(sql`select 1 / ${0}::int`.execute(db)).rejects.toThrow('division by zero')
  expect(await pid()).toBe(before)
})
