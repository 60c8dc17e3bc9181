import { Kysely, PostgresDialect } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Instant } from '../../src/domain/time.ts'
import type { Repositories } from '../../src/ports/store.ts'
import { namingPool } from '../../src/store/named-statements.ts'
import type { Database } from '../../src/store/schema.ts'
import { createStore } from '../../src/store/store.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

interface Question {
  readonly name: string
  ask(read: Repositories, now: Instant): Promise<unknown>
}
const { DUE_QUESTIONS } = (await import('../../bench/lib/due-questions.mjs' as string)) as {
  readonly DUE_QUESTIONS: readonly Question[]
}
const { writeFleet } = (await import('../../bench/lib/fleet-rows.mjs' as string)) as {
  writeFleet(
    query: (text: string) => Promise<unknown>,
    of: { readonly enrollments: number; readonly now: Instant },
  ): Promise<void>
}

/** Enough that a whole table costs more than an index. */
const ENROLLMENTS = 20_000

let under: StoreUnderTest
beforeAll(async () => {
  under = await openStore()
  const client = await under.pool.connect()
  await writeFleet((text) => client.query(text), { enrollments: ENROLLMENTS, now: T0 })
  client.release(true)
}, 120_000)
afterAll(() => under.close())

it.each(DUE_QUESTIONS)('goes by an index, however large the fleet: $name', async ({ ask }) => {
  const sent: { readonly text: string; readonly values: readonly unknown[] }[] = []
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: namingPool(under.pool) }),
    log: ({ query }) => void sent.push({ text: query.sql, values: query.parameters }),
  })
  await ask(createStore(db, { origin: 'asking' }).read, T0)
  expect(sent.length).toBeGreaterThan(0)
  for (const { text, values } of sent) {
    const { rows } = await under.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...values])
    const plan = rows.map((line) => line['QUERY PLAN']).join('\n')
    // Deliveries wait for minutes, and their table is empty here.
    expect(plan).not.toMatch(/Seq Scan on (?!notice_deliveries)/)
  }
})
