import { Kysely, PostgresDialect } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DAY, type Instant, plus } from '../../src/domain/time.ts'
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

/** After it a twelfth of the renewals is due at once. */
const OUTAGE_MS = 5 * DAY
const ASKED = DUE_QUESTIONS.flatMap(({ name, ask }) => [
  { name, ask, at: T0 },
  { name: `${name}, after an outage`, ask, at: plus(T0, OUTAGE_MS) },
])

it.each(ASKED)('goes by an index, however large the fleet: $name', async ({ ask, at }) => {
  const sent: { readonly text: string; readonly values: readonly unknown[] }[] = []
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: namingPool(under.pool) }),
    log: ({ query }) => void sent.push({ text: query.sql, values: query.parameters }),
  })
  await ask(createStore(db, { origin: 'asking' }).read, at)
  expect(sent.length).toBeGreaterThan(0)
  for (const { text, values } of sent) {
    const { rows } = await under.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...values])
    const plan = rows.map((line) => line['QUERY PLAN']).join('\n')
    // Deliveries wait for minutes; their table and that of certificates are empty here.
    expect(plan).not.toMatch(/Seq Scan on (?!notice_deliveries|certificates)/)
  }
})

it('the most urgent renewals come first, of whatever lifetimes, also where so many are due that they are not all sorted', async () => {
  const at = plus(T0, OUTAGE_MS)
  const { rows } = await under.pool.query<{ id: number }>(
    `select id from enrollments where renew_at <= $1
      and not exists (select from changes c where c.enrollment_id = enrollments.id and c.state = 'running')
    order by (live_until - $1)::float8 / (live_until - live_from), id`,
    [at],
  )
  const due = await under.store.read.renewals.due(at, 1_200)
  expect(rows.length).toBeGreaterThan(1_500)
  expect(due.map(({ id }) => id)).toEqual(rows.slice(0, 1_200).map(({ id }) => id))
  const lifetimes = new Set(due.map(({ live }) => (live.notAfter - live.notBefore) / DAY))
  expect(lifetimes).toEqual(new Set([6, 90]))
})
