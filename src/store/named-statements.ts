import { createHash } from 'node:crypto'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { Problem } from '../errors/problem.ts'
import { isDatabaseAway } from './connection-failure.ts'

/** What is put together from lists has any number of forms: only the first texts that come get a name. */
const MOST_NAMES = 200

/** PostgreSQL says so when a statement that it keeps was made before a migration. */
const STALE_PLAN = { code: '0A000', routine: 'RevalidateCachedQuery' }

/** No statement waits for a person or for long work of another process, so that what has had no answer for this long will have none. */
const ANSWER_WITHIN_MS = 15_000

/**
 * Sends statements under names, so that PostgreSQL parses and plans each once per connection: of the CPU that a small one costs it, that is more than half.
 * A connection whose statements a migration has made useless is given up, and one that has fallen silent too; the pool opens another one.
 * Rejects with `database-unavailable` where the database cannot be reached, so that nobody takes its absence for a fault of his own.
 */
export function namingPool(pool: pg.Pool, answerWithinMs = ANSWER_WITHIN_MS): PostgresPool {
  const names = new Map<string, string>()
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>()

  function nameOf(text: string): string | undefined {
    const known = names.get(text)
    if (known !== undefined || names.size >= MOST_NAMES) return known
    // Told from its text, since a connection takes no second statement of one name.
    const name = `certrail_${createHash('sha256').update(text).digest('base64url')}`
    names.set(text, name)
    return name
  }

  function naming(client: pg.PoolClient): PostgresPoolClient {
    let isStale = false
    let silence: Error | null = null
    async function query(text: string, values: readonly unknown[]) {
      // What came after it would wait behind the statement that has no answer, a rollback or an unlock too.
      if (silence !== null) throw silence
      const name = values.length === 0 ? undefined : nameOf(text)
      const statement = { text, values: [...values], ...(name !== undefined && { name }) }
      try {
        return await client.query({ ...statement, query_timeout: answerWithinMs } as pg.QueryConfig)
      } catch (error) {
        const fault = absenceOr(error)
        if (fault instanceof Error && isSilence(error)) silence = fault
        isStale ||= silence !== null || isStalePlan(error)
        throw fault
      }
    }
    // Its second form is for cursors, which nobody here has.
    return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(isStale) }
  }

  return {
    async connect() {
      const client = await pool.connect().catch((error: unknown) => Promise.reject(absenceOr(error)))
      const known = clients.get(client) ?? naming(client)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
}

const isStalePlan = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === STALE_PLAN.code && error.routine === STALE_PLAN.routine

/** How the driver says that a statement had no answer in time. */
const isSilence = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Query read timeout'

const COME_AGAIN_SECONDS = 5

const absenceOr = (error: unknown): unknown =>
  isDatabaseAway(error)
    ? new Problem('database-unavailable', { cause: error, retryAfterSeconds: COME_AGAIN_SECONDS })
    : error
