import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** `serverUrl`: any database of the test run's server; `template`: a migrated database without connections. */
    database: { readonly serverUrl: string; readonly template: string }
  }
}

export interface TestDatabase {
  readonly name: string
  readonly url: string
  readonly pool: pg.Pool
  /** Closes the pool and drops the database, whoever is still connected. Idempotent. */
  drop(): Promise<void>
}

/**
 * A migrated database of its own for a test file: `beforeAll` makes it, `afterAll` drops it.
 * Needs the set-up of vitest.config.ts, which has the server.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const provided = inject('database')
  if (provided === undefined) throw new Error('There is no test server: run vitest with vitest.config.ts.')
  return cloneDatabase(provided.serverUrl, provided.template)
}

/** One that begins as this one stands. Nobody may be connected to it, its own pool included. */
export async function copyDatabase({ name }: TestDatabase): Promise<TestDatabase> {
  return cloneDatabase(inject('database').serverUrl, name)
}

/** An empty one, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const provided = inject('database')
  if (provided === undefined) throw new Error('There is no test server: run vitest with vitest.config.ts.')
  return cloneDatabase(provided.serverUrl, 'template0')
}

async function cloneDatabase(serverUrl: string, template: string): Promise<TestDatabase> {
  const name = `certrail_test_${randomBytes(8).toString('hex')}`
  await administer(serverUrl, `create database ${name} template ${template}`)
  const url = withDatabase(serverUrl, name)
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  // A dropped database ends its idle connections; without a listener that would end the worker.
  pool.on('error', () => undefined)
  let dropped: Promise<void> | null = null
  return {
    name,
    url,
    pool,
    drop() {
      dropped ??= (async () => {
        if (!pool.ended) await pool.end()
        await administer(serverUrl, `drop database if exists ${name} with (force)`)
      })()
      return dropped
    },
  }
}

/** One statement on a connection of its own, outside of a transaction. */
export async function administer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The same server, another database. Done on the text: a URL with a socket directory has no host, which `URL` refuses. */
export function withDatabase(serverUrl: string, name: string): string {
  return serverUrl.replace(/^([a-z]+:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`)
}
