import { createHash } from 'node:crypto'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'

/** What is put together from lists has any number of forms: only the first texts that come get a name. */
const MOST_NAMES = 200

/** PostgreSQL says so when a statement that it keeps was made before a migration. */
const STALE_PLAN = { code: '0A000', routine: 'RevalidateCachedQuery' }

/**
 * Sends statements under names, so that PostgreSQL parses and plans each once per connection: of the CPU that a small one costs it, that is more than half.
 * A connection whose statements a migration has made useless is given up; the pool opens another one.
 */
export function namingPool(pool: pg.Pool): PostgresPool {
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
    async function query(text: string, values: readonly unknown[]) {
      const name = values.length === 0 ? undefined : nameOf(text)
      try {
        return await client.query({ text, values: [...values], ...(name !== undefined && { name }) })
      } catch (error) {
        isStale ||=
          error instanceof pg.DatabaseError &&
          error.code === STALE_PLAN.code &&
          error.routine === STALE_PLAN.routine
        throw error
      }
    }
    // Its second form is for cursors, which nobody here has.
    return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(isStale) }
  }

  return {
    async connect() {
      const client = await pool.connect()
      const known = clients.get(client) ?? naming(client)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
}
