import { EventEmitter } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { run, type Runner, type WorkerEvents } from 'graphile-worker'
import pg from 'pg'
import type { ChangeId } from '../domain/identifiers.ts'
import { changeId } from '../domain/identifiers.ts'
import { SECOND } from '../domain/time.ts'
import type { Logger } from '../observe/log.ts'
import { createWorkerLiveness, type WorkerLiveness } from './liveness.ts'
import { every } from './every.ts'
import { graphileLogger } from './graphile-log.ts'

export interface WorkerDependencies {
  readonly connectionString: string
  readonly concurrency: number
  readonly log: Logger
  readonly advance: (id: ChangeId, signal: AbortSignal) => Promise<void>
  /** Changes whose moment has come and that nobody may have a job for: the table is the truth, the queue a hint. */
  readonly sweep: () => Promise<void>
  readonly onJobStarted: (waitedSeconds: number) => void
  readonly realNow: () => number
}

const SWEEP_EVERY_MS = 60 * SECOND
const REAP_EVERY_MS = 10 * SECOND
const ANALYZE_EVERY_MS = 600 * SECOND
const POLL_EVERY_MS = 2 * SECOND
const RESTART_AFTER_MS = SECOND

/** graphile-worker in the same database: a job is added in the transaction that changes state (docs/adr/0002). */
export async function startWorker(deps: WorkerDependencies): Promise<{ close(): Promise<void> }> {
  const stopped = new AbortController()
  const pool = createPool(deps)
  const liveness = await createWorkerLiveness(deps.connectionString, deps.log)
  const events: WorkerEvents = new EventEmitter()
  events.on('worker:create', ({ worker }) => liveness.hold(worker.workerId))
  await reap(pool, liveness)
  const runner = await keepRunning(deps, () => start(deps, pool, events, stopped.signal), stopped.signal)
  const tasks = [
    every(REAP_EVERY_MS, () => reap(pool, liveness), deps.log),
    every(SWEEP_EVERY_MS, deps.sweep, deps.log),
    every(ANALYZE_EVERY_MS, () => analyze(pool), deps.log),
  ]
  await deps.sweep()
  await analyze(pool)
  return {
    async close() {
      stopped.abort()
      for (const task of tasks) await task.close()
      await runner.stop()
      await liveness.close()
      await pool.end()
    },
  }
}

/** A runner gives up when the database stays away; then another one is started until it is back, so that a change goes on by itself. */
async function keepRunning(
  { log }: WorkerDependencies,
  startOne: () => Promise<Runner>,
  signal: AbortSignal,
): Promise<{ stop(): Promise<void> }> {
  let current: Runner | null = await startOne()
  const supervised = supervise()

  async function supervise(): Promise<void> {
    while (!signal.aborted) {
      try {
        current ??= await startOne()
        await current.promise
      } catch (error) {
        log.warn({ err: error }, 'the job runner ended')
      }
      current = null
      if (!signal.aborted) await pause(RESTART_AFTER_MS, undefined, { signal }).catch(() => {})
    }
  }

  return {
    async stop() {
      await current?.stop().catch(() => {})
      await supervised
    },
  }
}

function start(
  deps: WorkerDependencies,
  pool: pg.Pool,
  events: WorkerEvents,
  signal: AbortSignal,
): Promise<Runner> {
  return run({
    pgPool: pool,
    concurrency: deps.concurrency,
    noHandleSignals: true,
    // Unbatched, a completion that the database did not take is a rejection that nobody handles, and ends the process.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    pollInterval: POLL_EVERY_MS,
    events,
    parsedCronItems: [],
    logger: graphileLogger(deps.log),
    taskList: {
      'advance-change': async (payload, { job }) => {
        deps.onJobStarted(Math.max(0, deps.realNow() - job.run_at.getTime()) / SECOND)
        await deps.advance(changeIdOf(payload), signal)
      },
    },
  })
}

function changeIdOf(payload: unknown): ChangeId {
  const { changeId: id } = payload as { readonly changeId: unknown }
  if (typeof id !== 'number') throw new TypeError('an advance-change job without a change id')
  return changeId(id)
}

function createPool({ connectionString, concurrency, log }: WorkerDependencies): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: concurrency + 2 })
  const report = (error: Error) => log.warn({ err: error }, 'a worker lost its database connection')
  pool.on('error', report)
  pool.on('connect', (client) => {
    client.on('error', report)
  })
  return pool
}

/** A killed worker's jobs would stay locked for four hours: whose lock nobody holds is dead. */
async function reap(pool: pg.Pool, liveness: WorkerLiveness): Promise<void> {
  const { rows } = await pool.query<{ locked_by: string }>(
    'select distinct locked_by from graphile_worker._private_jobs where locked_by is not null',
  )
  const dead = await liveness.dead(rows.map((row) => row.locked_by))
  if (dead.length > 0) await pool.query('select graphile_worker.force_unlock_workers($1::text[])', [dead])
}

/** Without statistics a claim ran eight times slower (docs/adr/0002). */
async function analyze(pool: pg.Pool): Promise<void> {
  await pool.query('analyze graphile_worker._private_jobs')
}
