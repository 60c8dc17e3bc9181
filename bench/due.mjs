import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openAskedStore } from './lib/asked-store.mjs'
import { DUE_QUESTIONS } from './lib/due-questions.mjs'
import { median, row } from './lib/figures.mjs'
import { writeFleet } from './lib/fleet-rows.mjs'
import { migrate } from '../dist/store/migrate.js'
import { startEmbeddedPostgres } from '../dist/store/postgres/launcher.js'

/**
 * What the worker and the renewal engine ask each round, with a million enrollments in the database of which a thousand are due. Baseline: the same statements
 * of the same run when PostgreSQL may not go by an index. A question that goes by no index ends the run.
 */
const ENROLLMENTS = Number(process.env.CERTRAIL_BENCH_ENROLLMENTS ?? 1_000_000)
const ROUNDS = 15
/** After it a twelfth of the renewals is due, and every change that waited. */
const OUTAGE_MS = 5 * 86_400_000
const MEETS_A_BACKLOG = [
  'changes for the worker',
  'renewals to begin',
  'notices to form',
  'when anything happens next',
]
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url))
const LARGE = /Seq Scan on (enrollments|changes|notices|deployments|network_names|served_looks)\b/

export async function run() {
  const homeDirectory = await mkdtemp(join(tmpdir(), 'certrail-bench-'))
  const server = await startEmbeddedPostgres({ homeDirectory, log: () => {}, onUnexpectedExit: () => {} })
  const asked = openAskedStore(server.connectionString())
  try {
    await migrate(asked.pool, MIGRATIONS)
    const now = Date.now()
    const client = await asked.pool.connect()
    await writeFleet((text) => client.query(text), { enrollments: ENROLLMENTS, now })
    client.release(true)
    const rows = []
    for (const { name, ask } of DUE_QUESTIONS) {
      rows.push(await measured(asked, name, () => ask(asked.read, now)))
      if (MEETS_A_BACKLOG.includes(name))
        rows.push(await measured(asked, `${name}, after an outage`, () => ask(asked.read, now + OUTAGE_MS)))
    }
    return rows
  } finally {
    await asked.close()
    await server.stop()
    await rm(homeDirectory, { recursive: true, force: true })
  }
}

async function measured(asked, name, ask) {
  asked.taken()
  await ask()
  const statements = asked.taken()
  const plan = await planOf(asked.pool, statements)
  if (process.env.CERTRAIL_BENCH_PLANS) process.stderr.write(`${name}\n${plan}\n`)
  if (LARGE.test(plan)) throw new Error(`${name} reads a whole table:\n${plan}`)
  const times = []
  for (let round = 0; round < ROUNDS; round += 1) times.push(await elapsed(ask))
  const without = await withoutIndex(asked.pool, statements)
  return row(`${name}, median of ${ROUNDS}`, 'ms', median(times), without, 'the same without an index')
}

async function elapsed(work) {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

async function planOf(pool, statements) {
  const plans = []
  for (const { text, values } of statements) {
    const { rows } = await pool.query(`explain ${text}`, [...values])
    plans.push(rows.map((line) => line['QUERY PLAN']).join('\n'))
  }
  return plans.join('\n')
}

async function withoutIndex(pool, statements) {
  const client = await pool.connect()
  const forbid = ['indexscan', 'bitmapscan', 'indexonlyscan']
  try {
    for (const way of forbid) await client.query(`set enable_${way} = off`)
    return await elapsed(async () => {
      for (const { text, values } of statements) await client.query(text, [...values])
    })
  } finally {
    // With its settings.
    client.release(true)
  }
}
