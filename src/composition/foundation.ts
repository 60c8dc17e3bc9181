import type { Kysely } from 'kysely'
import { loadKeyEncryptionKey } from '../custody/key-encryption-key.ts'
import { createDataKey, createSecrets } from '../custody/secrets.ts'
import { instant } from '../domain/time.ts'
import type { Logger } from '../observe/log.ts'
import type { Clock, Clocks } from '../ports/clock.ts'
import type { ClockControl } from '../ports/clock-control.ts'
import type { Random } from '../ports/random.ts'
import type { Secrets } from '../ports/secrets.ts'
import { CHANNELS } from '../store/channels.ts'
import { createLifecycleClock } from '../store/lifecycle-clock.ts'
import { beginEpoch } from '../store/nonces.ts'
import { createDatabase, createPool } from '../store/database.ts'
import { loadDataKeys, readDataKeys } from '../store/data-keys.ts'
import { createListener, type Listener } from '../store/listener.ts'
import { migrate } from '../store/migrate.ts'
import type { Database } from '../store/schema.ts'
import type { Closers } from './closers.ts'
import { startOwnDatabase } from './own-database.ts'

export interface FoundationOptions {
  readonly home: string
  /** Null: the embedded PostgreSQL of the home. */
  readonly databaseUrl: string | null
  readonly migrations: string
  readonly keyEncryptionKeyFile: string
  /** Of each of the two pools. */
  readonly connections: number
  readonly log: Logger
  readonly real: Clock
  /** The lifecycle clock moves only when it is turned (docs/config.md, CERTRAIL_SANDBOX_SEED). */
  readonly seeded: boolean
  readonly random: Random
  readonly closers: Closers
  /** Called when the embedded database ended and came back where nobody here can follow. */
  readonly onDatabaseLost: (error: Error) => void
}

/** What everything else stands on: database, clocks, sealed secrets. */
export interface Foundation {
  /** For who asks: requests, metrics, periodic work. */
  readonly db: Kysely<Database>
  /** For what carries changes forward: requests that wait for one another in the database hold none of its connections. */
  readonly jobsDb: Kysely<Database>
  readonly notes: Listener
  readonly clocks: Clocks
  readonly clockControl: ClockControl
  readonly secrets: Secrets
}

/** One moment for every seed, since limits of lifetime depend on the date. */
const SEEDED_START = instant(Date.UTC(2026, 0, 1))

export async function layFoundation(options: FoundationOptions): Promise<Foundation> {
  const { closers, log, real } = options
  const connectionString = options.databaseUrl ?? (await startOwnDatabase(options))
  const openPool = (name: string) => {
    const pool = createPool({ connectionString, connections: options.connections, log })
    closers.add(name, () => pool.end())
    return pool
  }
  const [pool, jobsPool] = [openPool('database pool'), openPool('database pool of the jobs')]
  await migrate(pool, options.migrations)
  const [db, jobsDb] = [createDatabase(pool), createDatabase(jobsPool)]
  const notes = await createListener(connectionString, CHANNELS, log)
  closers.add('notifications', () => notes.close())
  const lifecycle = await createLifecycleClock(db, real, notes, {
    standsFrom: options.seeded ? SEEDED_START : null,
  })
  closers.add('lifecycle clock', lifecycle.close)
  await beginEpoch(db, real.now())
  const secrets = await openSecrets(db, options)
  return {
    db,
    jobsDb,
    notes,
    clocks: { lifecycle: lifecycle.clock, real },
    clockControl: lifecycle.control,
    secrets,
  }
}

async function openSecrets(
  db: Kysely<Database>,
  { keyEncryptionKeyFile, random, real }: FoundationOptions,
): Promise<Secrets> {
  const mayCreate = (await readDataKeys(db)).length === 0
  const keyEncryptionKey = await loadKeyEncryptionKey(keyEncryptionKeyFile, { mayCreate })
  const dataKeys = await loadDataKeys(
    db,
    () => createDataKey(keyEncryptionKey, 1, random).wrapped,
    real.now(),
  )
  return createSecrets({ keyEncryptionKey, dataKeys, random })
}
