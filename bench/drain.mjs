import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { createClient, enroll } from './lib/client.mjs'
import { median, row } from './lib/figures.mjs'
import { makeHome, startIn } from './lib/instance.mjs'
import { startEmbeddedPostgres } from '../dist/store/postgres/launcher.js'

/**
 * Renewals that are all due at one moment, released as the CA takes their orders, while somebody goes on asking for certificates, one at a time. Baselines of the
 * same run: the same requests before anything was due, and the orders that the CA takes in the time that the renewals needed.
 */
const RENEWALS = Number(process.env.CERTRAIL_BENCH_RENEWALS ?? 1_000)
/** Let's Encrypt's bucket is 300 orders deep and fills in three hours; this one is a tenth of the renewals deep, and fills at a rate that can be waited for. */
const ORDERS_A_SECOND = Number(process.env.CERTRAIL_BENCH_ORDERS_A_SECOND ?? 2)
const BUCKET = Math.ceil(RENEWALS / 10)
const PERIOD_SECONDS = Math.ceil(BUCKET / ORDERS_A_SECOND)
const LIMIT = `${BUCKET}/PT${PERIOD_SECONDS}S`
const CA_RATE = BUCKET / PERIOD_SECONDS
const ENROLLED_AT_ONCE = 8
const FRESH_BEFORE = 20
const FRESH_EVERY_MS = 2_000
const LOOK_EVERY_MS = 500
/** Then it stands still: the renewal engine looks once a minute at the latest. */
const NOTHING_HAPPENED_MS = 300_000

export async function run() {
  const [home, data] = [await makeHome(), await mkdtemp(join(tmpdir(), 'certrail-bench-'))]
  const database = await startEmbeddedPostgres({
    homeDirectory: data,
    log: () => {},
    onUnexpectedExit: () => {},
  })
  const pool = new pg.Pool({ connectionString: database.connectionString(), max: 2 })
  try {
    const env = { DATABASE_URL: database.connectionString(), CERTRAIL_ORDER_LIMIT: LIMIT }
    const instance = await startIn(home, env)
    const client = await createClient(home)
    try {
      return rowsOf(await measured({ client, contract: instance.ready.contract, pool }))
    } finally {
      client.close()
      await instance.stop()
    }
  } finally {
    await pool.end()
    await database.stop()
    for (const folder of [home, data]) await rm(folder, { recursive: true, force: true })
  }
}

async function measured({ client, contract, pool }) {
  await enrollMany(client, contract)
  let count = 0
  const fresh = () => enroll(client, contract, `fresh-${count++}.fresh.example`)
  const before = await requestsUntil(fresh, (taken) => taken >= FRESH_BEFORE)
  await makeAllDue(pool)
  await untilOneBegan(pool)
  const ended = new AbortController()
  const [drained, during] = await Promise.all([
    drain(pool).finally(() => ended.abort()),
    requestsUntil(fresh, () => ended.signal.aborted),
  ])
  return { before, during, drained }
}

/** Each with a certificate of its own, in production. */
async function enrollMany(client, contract) {
  let next = 0
  const one = async () => {
    for (let index = next++; index < RENEWALS; index = next++)
      await enroll(client, contract, `due-${index}.drain.example`)
  }
  await Promise.all(Array.from({ length: ENROLLED_AT_ONCE }, one))
}

/** Their moment is altered and nothing else; the bucket is full, as after a while in which nobody ordered. */
async function makeAllDue(pool) {
  await pool.query('update order_budgets set tokens = $1, at = $2', [BUCKET, Date.now()])
  const { rowCount } = await pool.query(
    `update enrollments set renew_at = $1 where common_name like 'due-%' and renew_at is not null`,
    [Date.now()],
  )
  if (rowCount !== RENEWALS) throw new Error(`${rowCount} renewals are due, not ${RENEWALS}`)
}

/** One at a time, and seldom enough to leave the CA's orders to the renewals; milliseconds from POST to production of each. */
async function requestsUntil(request, isEnough) {
  const taken = []
  while (!isEnough(taken.length)) {
    const begun = performance.now()
    await request()
    taken.push(performance.now() - begun)
    await pause(Math.max(0, FRESH_EVERY_MS - (performance.now() - begun)))
  }
  return taken
}

async function progressOf(pool) {
  const { rows } = await pool.query(PROGRESS)
  const { failed, error } = rows[0]
  if (failed > 0) throw new Error(`${failed} renewals failed, the first with ${JSON.stringify(error)}`)
  return rows[0]
}

async function untilOneBegan(pool) {
  const since = performance.now()
  while ((await progressOf(pool)).begun === 0) {
    if (performance.now() - since > NOTHING_HAPPENED_MS) throw new Error('no renewal began')
    await pause(LOOK_EVERY_MS)
  }
}

/** Resolves when the last of them is in production. */
async function drain(pool) {
  const begunAt = performance.now()
  let [done, doneAt] = [0, begunAt]
  while (done < RENEWALS) {
    await pause(LOOK_EVERY_MS)
    const { completed } = await progressOf(pool)
    if (completed > done) [done, doneAt] = [completed, performance.now()]
    if (performance.now() - doneAt > NOTHING_HAPPENED_MS) throw new Error(`${done} renewals, and no more`)
  }
  const seconds = (performance.now() - begunAt) / 1000
  const { rows } = await pool.query(ORDERED)
  return { seconds, orders: rows[0].orders, orderedSeconds: rows[0].seconds }
}

const PROGRESS = `select count(*)::int as begun, count(*) filter (where state = 'completed')::int as completed,
  count(*) filter (where state = 'error')::int as failed,
  (array_agg(error) filter (where state = 'error'))[1] as error from changes where action = 'renewal'`

/** From the first renewal that began to the last, whoever ordered. */
const ORDERED = `select count(*)::int as orders, (max(created_at) - min(created_at)) / 1000.0 as seconds from changes
  where created_at between (select min(created_at) from changes where action = 'renewal')
    and (select max(created_at) from changes where action = 'renewal')`

function rowsOf({ before, during, drained }) {
  const allowed = BUCKET + CA_RATE * drained.orderedSeconds
  return [
    row(
      `fresh enrollment while ${RENEWALS} renewals drain, median of ${during.length}`,
      'ms',
      median(during),
      median(before),
      'the same before',
    ),
    row(
      'the same, slowest',
      'ms',
      Math.max(...during),
      Math.max(...before),
      `slowest of ${FRESH_BEFORE} before`,
    ),
    row(
      'orders in the drain, people among them',
      'orders',
      drained.orders,
      allowed,
      `what the CA takes in that time (${LIMIT})`,
    ),
    row(
      'renewals drained to production',
      'per second',
      RENEWALS / drained.seconds,
      CA_RATE,
      'orders with which the bucket fills',
    ),
  ]
}
