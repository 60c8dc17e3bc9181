// A process that lives by the launcher and can be killed. Arguments: directory of the build, verb, then the verb's own.
// Speaks in lines of JSON, written synchronously: what was said was true before a kill.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'

const [build, verb, ...rest] = process.argv.slice(2)
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`)

/** Starts the home's database, says what is in it, then adds one number after the other until told to stop. */
async function serve(homeDirectory) {
  const { startEmbeddedPostgres } = await import(join(build, 'store/postgres/launcher.js'))
  const server = await startEmbeddedPostgres({
    homeDirectory,
    log: (line) => writeSync(2, `${line}\n`),
    onUnexpectedExit: () => process.exit(3),
  })
  const client = new pg.Client({ connectionString: server.connectionString() })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('create table if not exists numbers (n bigint primary key)')
  await client.query(
    'create table if not exists counter (one boolean primary key default true, n bigint not null)',
  )
  await client.query('insert into counter (n) values (0) on conflict do nothing')
  const { rows } = await client.query(
    'select coalesce(max(n), 0)::int as highest, count(*)::int as rows, (select n::int from counter) as counter from numbers',
  )
  say({ ready: rows[0] })
  let stopping = false
  createInterface({ input: process.stdin }).on('line', () => {
    stopping = true
  })
  for (let n = rows[0].highest + 1; !stopping; n += 1) {
    await client.query('begin')
    await client.query('insert into numbers values ($1)', [n])
    await client.query('update counter set n = $1', [n])
    await client.query('commit')
    say({ stored: n })
  }
  say({ stopping: true })
  await client.end()
  await server.stop()
  say({ stopped: true })
  process.exit(0)
}

async function migrateOnce(connectionString, directory) {
  const { migrate } = await import(join(build, 'store/migrate.js'))
  const pool = new pg.Pool({ connectionString, max: 2 })
  say({ migrated: await migrate(pool, directory) })
  await pool.end()
}

await { serve, migrate: migrateOnce }[verb](...rest)
