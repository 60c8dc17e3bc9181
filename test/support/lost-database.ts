import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/postgres/launcher.ts'
import { createDatabaseWire } from './database-wire.ts'
import { makeHome, removeHome } from './instance.ts'

const LOOK_EVERY_MS = 25
const LOOKS = 800

export interface Loss {
  readonly name: string
  take(): Promise<void>
  giveBack(): Promise<void>
}

export interface LosableDatabase {
  readonly url: string
  /** Ways in which it goes away and comes back. */
  readonly losses: readonly Loss[]
  /** Locks a table, as long as the database is there, so that what comes to it is certainly under way. */
  hold(table: string): Promise<Held>
  /** Events of this name in the history of all changes. */
  countEvents(event: string): Promise<number>
  close(): Promise<void>
}

export interface Held {
  /** Until so many wait for the table. */
  untilWaiting(count: number): Promise<void>
  letGo(): Promise<void>
}

/** A PostgreSQL of its own behind a port of its own. */
export async function startLosableDatabase(): Promise<LosableDatabase> {
  const home = await makeHome()
  const start = () =>
    startEmbeddedPostgres({ homeDirectory: home, log: () => {}, onUnexpectedExit: () => {} })
  let server: EmbeddedPostgres = await start()
  const wire = await createDatabaseWire(server.connectionString())

  async function startAgain(): Promise<void> {
    server = await start()
    await wire.unblock()
  }
  const losses: readonly Loss[] = [
    {
      name: 'is stopped',
      async take() {
        await server.stop()
        await wire.block()
      },
      giveBack: startAgain,
    },
    {
      name: 'is killed',
      async take() {
        const [pid] = (await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
        process.kill(Number(pid), 'SIGKILL')
        await server.stop()
        await wire.block()
      },
      giveBack: startAgain,
    },
    { name: 'is cut off', take: wire.block, giveBack: wire.unblock },
    { name: 'falls silent', take: wire.silence, giveBack: wire.unblock },
  ]

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: server.connectionString() })
    client.on('error', () => {})
    await client.connect()
    return client
  }

  async function hold(table: string): Promise<Held> {
    const client = await connect()
    await client.query('begin')
    await client.query(`lock table ${table} in access exclusive mode`)
    return {
      async untilWaiting(count) {
        const waiting = 'select from pg_locks where not granted and relation = $1::regclass'
        for (let look = 0; look < LOOKS; look += 1) {
          if (((await client.query(waiting, [table])).rowCount ?? 0) >= count) return
          await pause(LOOK_EVERY_MS)
        }
        throw new Error(`fewer than ${count} wait for ${table}`)
      },
      async letGo() {
        await client.query('rollback').catch(() => {})
        await client.end().catch(() => {})
      },
    }
  }

  return {
    url: wire.url,
    losses,
    hold,
    async countEvents(event) {
      const client = await connect()
      const { rowCount } = await client.query('select from change_events where event = $1', [event])
      await client.end()
      return rowCount ?? 0
    },
    async close() {
      await wire.close()
      await server.stop()
      await removeHome(home)
    },
  }
}
