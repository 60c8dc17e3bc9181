import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { schemaManifest } from '../../src/store/manifest.ts'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.ts'

const FILE = join(import.meta.dirname, '../../migrations/schema.manifest.txt')

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})

afterAll(() => database.drop())

// UPDATE_MANIFEST=1 npx vitest run test/contract/schema-manifest.test.ts
test('the migrations make exactly the schema of migrations/schema.manifest.txt', async () => {
  const manifest = await schemaManifest(database.pool)
  if (process.env['UPDATE_MANIFEST'] === '1') await writeFile(FILE, manifest)
  expect(
    manifest,
    'run this test with UPDATE_MANIFEST=1 after a change of migrations, and look at the difference',
  ).toBe(await readFile(FILE, 'utf8'))
})

const FOUNDATION = `
  create sequence ticket start 10001;
  create type colour as enum ('red', 'green');
  create table parent (id bigint primary key, name text not null default 'x', tint colour);
  create table child (id bigint primary key, parent_id bigint references parent, amount integer);`

const DIFFERENCES: readonly (readonly [string, string])[] = [
  ['a column', 'alter table child add column more text'],
  ['a type', 'alter table child alter column amount type bigint'],
  ['a null', 'alter table parent alter column name drop not null'],
  ['a default', "alter table parent alter column name set default 'y'"],
  ['a primary key', 'alter table child drop constraint child_pkey'],
  ['a unique key', 'alter table child add unique (amount)'],
  ['a foreign key', 'alter table child drop constraint child_parent_id_fkey'],
  [
    'a rule of a foreign key',
    'alter table child add foreign key (parent_id) references parent on delete cascade',
  ],
  ['an index', 'create index on child (amount) where amount > 3'],
  ['a check', 'alter table child add check (amount > 0)'],
  ['an unlogged table', 'alter table child set unlogged'],
  ['a sequence', 'alter sequence ticket increment 2'],
  ['a value of an enumeration', "alter type colour add value 'blue'"],
  ['a view', 'create view names as select name from parent'],
  ['a function', 'create function one() returns integer language sql as $$select 1$$'],
]

test.each(DIFFERENCES)('%s shows in the manifest', async (_what, change) => {
  const own = await createEmptyDatabase()
  try {
    await own.pool.query(FOUNDATION)
    const before = await schemaManifest(own.pool)
    expect(await schemaManifest(own.pool)).toBe(before)
    await own.pool.query(change)
    expect(await schemaManifest(own.pool)).not.toBe(before)
  } finally {
    await own.drop()
  }
})

test('the order in which columns were added does not show', async () => {
  const texts: string[] = []
  for (const columns of ['a integer, b text', 'b text, a integer']) {
    const own = await createEmptyDatabase()
    try {
      await own.pool.query(`create table pair (${columns})`)
      texts.push(await schemaManifest(own.pool))
    } finally {
      await own.drop()
    }
  }
  expect(texts[0]).toBe(texts[1])
  expect(texts[0]).toContain('column a integer')
})
