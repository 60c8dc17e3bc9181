import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../../src/store/migrate.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let directory: string

beforeEach(async () => {
  database = await createEmptyDatabase()
  directory = await mkdtemp(join(tmpdir(), 'certrail-migrations-'))
  await file('0001-one.sql', 'create table one (n integer); insert into one values (1);')
  await file('0002-two.sql', 'insert into one values (2)')
})

afterEach(async () => {
  await database.drop()
  await rm(directory, { recursive: true, force: true })
})

const file = (name: string, sql: string): Promise<void> => writeFile(join(directory, name), sql)

const numbers = async (): Promise<readonly number[]> =>
  (await database.pool.query<{ n: number }>('select n from one order by n')).rows.map(({ n }) => n)

const refusal = (text: string) =>
  expect.objectContaining({ code: 'database-unavailable', message: expect.stringContaining(text) })

test('runs what is missing, in order, and once', async () => {
  expect(await migrate(database.pool, directory)).toEqual(['0001-one.sql', '0002-two.sql'])
  expect(await migrate(database.pool, directory)).toEqual([])
  await file('0010-ten.sql', 'insert into one values (10)')
  await file('notes.txt', 'not a migration')
  expect(await migrate(database.pool, directory)).toEqual(['0010-ten.sql'])
  expect(await numbers()).toEqual([1, 2, 10])
  const { rows } = await database.pool.query(
    'select version, name, sha256 from schema_migrations order by version',
  )
  expect(rows).toHaveLength(3)
  expect(rows[2]).toEqual({
    version: 10,
    name: '0010-ten.sql',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test('four pools at once do the work once', async () => {
  const pools = [1, 2, 3, 4].map(() => new pg.Pool({ connectionString: database.url, max: 1 }))
  try {
    const done = await Promise.all(pools.map((pool) => migrate(pool, directory)))
    expect(done.flat().sort()).toEqual(['0001-one.sql', '0002-two.sql'])
    expect(await numbers()).toEqual([1, 2])
  } finally {
    await Promise.all(pools.map((pool) => pool.end()))
  }
})

test('one that fails leaves nothing of itself, is named, and runs after it was mended', async () => {
  await file('0003-three.sql', 'insert into one values (3); insert into nowhere values (1)')
  await expect(migrate(database.pool, directory)).rejects.toEqual(refusal('0003-three.sql failed'))
  expect(await numbers()).toEqual([1, 2])
  await file('0003-three.sql', 'insert into one values (3)')
  expect(await migrate(database.pool, directory)).toEqual(['0003-three.sql'])
})

test('puts the tables into the schema that was asked for and leaves the connection as it was', async () => {
  const single = new pg.Pool({ connectionString: database.url, max: 1 })
  try {
    await migrate(single, directory, { schema: 'Some "one"' })
    expect((await single.query('select current_schema()')).rows).toEqual([{ current_schema: 'public' }])
    expect((await single.query('select count(*)::int from "Some ""one""".one')).rows).toEqual([{ count: 2 }])
    expect(await migrate(single, directory)).toHaveLength(2)
    expect(await migrate(single, directory, { schema: 'Some "one"' })).toEqual([])
  } finally {
    await single.end()
  }
})

describe('is refused, and nothing runs', () => {
  beforeEach(async () => {
    await migrate(database.pool, directory)
    await file('0009-nine.sql', 'insert into one values (9)')
  })

  afterEach(async () => {
    expect(await numbers()).toEqual([1, 2])
  })

  test('when a file was changed after it ran', async () => {
    await file('0001-one.sql', 'create table one (n bigint)')
    await expect(migrate(database.pool, directory)).rejects.toEqual(refusal('0001-one.sql was changed'))
  })

  test('when the database comes from a newer version', async () => {
    await unlink(join(directory, '0002-two.sql'))
    await expect(migrate(database.pool, directory)).rejects.toEqual(
      refusal('0002-two.sql, which this version of Certrail does not know'),
    )
  })

  test('when a file comes before one that ran', async () => {
    await file('0000-zero.sql', 'insert into one values (0)')
    await expect(migrate(database.pool, directory)).rejects.toEqual(refusal('0000-zero.sql comes before'))
  })

  test('when two files have one number', async () => {
    await file('0009-again.sql', 'insert into one values (9)')
    await expect(migrate(database.pool, directory)).rejects.toEqual(refusal('two files have the number 0009'))
  })

  test('when a name would silently not run', async () => {
    await file('10-ten.sql', 'insert into one values (10)')
    await expect(migrate(database.pool, directory)).rejects.toEqual(
      refusal('10-ten.sql is not named NNNN-name.sql'),
    )
  })
})
