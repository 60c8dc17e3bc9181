import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { Problem } from '../errors/problem.ts'

export interface MigrateOptions {
  /** Where the tables go, made when missing. Default: the connection's current schema. */
  readonly schema?: string
}

interface Migration {
  readonly version: number
  /** The file's name. */
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

interface Applied {
  readonly version: number
  readonly name: string
  readonly sha256: string
}

/** First key of the advisory locks of migrations ("migr" in ASCII); the second is always 0. */
const LOCK_CLASS = 0x6d696772

/**
 * Runs the files `NNNN-name.sql` of the directory that this database has not seen, in order, a transaction each, and
 * answers their names. Forward only. Any number of processes may call it at once: one works, the others wait.
 * Throws `database-unavailable` for a file that was changed after it ran, a database newer than the files, a file that
 * comes before one that ran, or one that fails (nothing of it remains).
 */
export async function migrate(
  pool: pg.Pool,
  directory: string,
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const migrations = await readMigrations(directory)
  const client = await pool.connect()
  // Without a listener a connection that breaks between two queries would end the process.
  const ignore = (): void => undefined
  client.on('error', ignore)
  try {
    await client.query('select pg_advisory_lock($1, 0)', [LOCK_CLASS])
    const done = await runMissing(client, migrations, options.schema)
    await client.query('select pg_advisory_unlock($1, 0)', [LOCK_CLASS])
    client.off('error', ignore)
    client.release()
    return done
  } catch (cause) {
    // Closing the connection is what surely ends the lock, the transaction and the search path.
    client.release(true)
    throw cause
  }
}

/** In order. Refuses names that would silently not run, and two files with one number. */
async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  const migrations: Migration[] = []
  for (const name of names) {
    const number = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]
    if (number === undefined) throw refusal(`${name} is not named NNNN-name.sql`)
    const version = Number(number)
    if (migrations.at(-1)?.version === version) throw refusal(`two files have the number ${number}`)
    const sql = await readFile(join(directory, name), 'utf8')
    migrations.push({ version, name, sql, sha256: createHash('sha256').update(sql).digest('hex') })
  }
  return migrations
}

async function runMissing(
  client: pg.PoolClient,
  migrations: readonly Migration[],
  schema: string | undefined,
): Promise<readonly string[]> {
  const before = await enterSchema(client, schema)
  await client.query(
    `create table if not exists schema_migrations (
       version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default current_timestamp)`,
  )
  const { rows } = await client.query<Applied>(
    'select version, name, sha256 from schema_migrations order by version',
  )
  const done: string[] = []
  for (const migration of missing(migrations, rows)) {
    await runOne(client, migration)
    done.push(migration.name)
  }
  await client.query("select set_config('search_path', $1, false)", [before])
  return done
}

/** Answers the search path from before. */
async function enterSchema(client: pg.PoolClient, schema: string | undefined): Promise<string> {
  const { rows } = await client.query<{ search_path: string }>('show search_path')
  if (schema !== undefined) {
    const name = client.escapeIdentifier(schema)
    await client.query(`create schema if not exists ${name}`)
    await client.query("select set_config('search_path', $1, false)", [name])
  }
  return rows[0]?.search_path ?? ''
}

/** Pure: what is left to run, after what ran has been compared with the files. */
function missing(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const files = new Map(migrations.map((migration) => [migration.version, migration]))
  const newest = applied.at(-1)?.version ?? -1
  for (const row of applied) {
    const file = files.get(row.version)
    if (file === undefined) {
      throw refusal(
        `the database has ${row.name}, which this version of Certrail does not know: it was made by a newer one`,
      )
    }
    if (file.sha256 !== row.sha256) throw refusal(`${file.name} was changed after it ran`)
    files.delete(row.version)
  }
  const left = [...files.values()]
  const late = left.find((migration) => migration.version < newest)
  if (late !== undefined) throw refusal(`${late.name} comes before a migration that already ran`)
  return left
}

async function runOne(client: pg.PoolClient, migration: Migration): Promise<void> {
  try {
    await client.query('begin')
    await client.query(migration.sql)
    await client.query('insert into schema_migrations (version, name, sha256) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.sha256,
    ])
    await client.query('commit')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown'
    throw new Problem('database-unavailable', {
      detail: `The migration ${migration.name} failed: ${reason}`,
      cause,
    })
  }
}

function refusal(why: string): Problem {
  return new Problem('database-unavailable', { detail: `The database is not migrated: ${why}.` })
}
