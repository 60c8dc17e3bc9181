import pg from 'pg'
import type { Logger } from '../observe/log.ts'

/** Class of the advisory locks by which a worker shows that it lives. */
const WORKER_LOCK_CLASS = 0x776f726b

export interface WorkerLiveness {
  /** Held until this process ends, however it ends. */
  hold(workerId: string): void
  /** Which of these workers nobody holds. */
  dead(workerIds: readonly string[]): Promise<readonly string[]>
  close(): Promise<void>
}

export async function createWorkerLiveness(connectionString: string, log: Logger): Promise<WorkerLiveness> {
  const own = new Set<string>()
  let client = await connect()

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({ connectionString, keepAlive: true })
    fresh.on('error', (error) => log.warn({ err: error }, 'the liveness connection was lost'))
    await fresh.connect()
    return fresh
  }

  /** One statement at a time: a connection has no queue of its own. */
  let turn: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work, work)
    turn = next.catch(() => {})
    return next
  }

  const lock = (workerId: string) =>
    client.query('select pg_advisory_lock($1, hashtext($2))', [WORKER_LOCK_CLASS, workerId])

  /** A new connection holds nothing: every lock is taken again before anybody is judged. */
  async function revive(): Promise<void> {
    client = await connect()
    for (const workerId of own) await lock(workerId)
  }

  async function isDead(workerId: string): Promise<boolean> {
    if (own.has(workerId)) return false
    const { rows } = await client.query<{ free: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as free',
      [WORKER_LOCK_CLASS, workerId],
    )
    if (rows[0]?.free !== true) return false
    await client.query('select pg_advisory_unlock($1, hashtext($2))', [WORKER_LOCK_CLASS, workerId])
    return true
  }

  return {
    hold(workerId) {
      own.add(workerId)
      inTurn(() => lock(workerId)).catch((error: unknown) =>
        log.warn({ err: error, workerId }, 'a worker could not show that it lives'),
      )
    },
    dead: (workerIds) =>
      inTurn(async () => {
        await client.query('select 1').catch(revive)
        const dead: string[] = []
        for (const workerId of workerIds) if (await isDead(workerId)) dead.push(workerId)
        return dead
      }),
    close: () => inTurn(() => client.end()).catch(() => {}),
  }
}
