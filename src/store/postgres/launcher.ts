import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { Problem } from '../../errors/problem.ts'
import { type Arrangement, arrangeUser, type RootWay } from './as-user.ts'
import { findBinaries } from './binaries.ts'
import { prepareDataDirectory, ROLE } from './data-directory.ts'
import { lockDatabase } from './database-lock.ts'
import { awaitPredecessor } from './predecessor.ts'
import { SERVER_SETTINGS } from './settings.ts'
import { makeSocketDirectory, SOCKET_PORT, type SocketDirectory } from './socket-directory.ts'
import { type Supervised, supervise } from './supervise.ts'

export interface EmbeddedPostgresOptions {
  /** Everything on disk is below it; made (0700) when missing. */
  readonly homeDirectory: string
  /** One line at a time: the server's own and the launcher's. */
  readonly log: (line: string) => void
  /** The server went away although nobody called `stop`. Called at most once, never before the start has resolved. */
  readonly onUnexpectedExit: (problem: Problem) => void
  /** Ways of running as root that count as refused by the system: for tests. */
  readonly deny?: readonly RootWay[]
}

export interface EmbeddedConnection {
  /** Directory of the unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export interface EmbeddedPostgres {
  readonly connection: EmbeddedConnection
  /** The same as a URL, password included: never to be logged. */
  connectionString(): string
  /** Fast shutdown; after 8 s immediate. Close the pools first. Idempotent. */
  stop(): Promise<void>
}

interface Running {
  readonly server: Supervised
  readonly connection: EmbeddedConnection
}

/** A connection attempt this long without any answer from a living server is a failure. One in recovery does answer. */
const SILENCE_MS = 60_000
const STARTS = 5

/** What PostgreSQL says when another server, or what is left of one, still has the directory. */
const STILL_IN_USE = /lock file "\S+" already exists|pre-existing shared memory block/

/**
 * Starts the PostgreSQL of the home, made at the first start, on a unix socket. Its life hangs on this process: after
 * kill -9 it shuts down by itself. Throws `database-unavailable`, also when another process has this database open.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  await mkdir(options.homeDirectory, { recursive: true, mode: 0o700 })
  // The data directory is found by its path in command lines and locks, so there must be one spelling of it.
  const homeDirectory = await realpath(options.homeDirectory)
  const lock = await lockDatabase(homeDirectory)
  try {
    return await startLocked({ ...options, homeDirectory }, lock.release)
  } catch (cause) {
    await lock.release()
    throw cause
  }
}

async function startLocked(
  options: EmbeddedPostgresOptions,
  unlock: () => Promise<void>,
): Promise<EmbeddedPostgres> {
  const { homeDirectory, log } = options
  const deny = options.deny ?? []
  const arrangement = await arrangeUser({ homeDirectory, binaries: await findBinaries(), deny })
  log(`PostgreSQL ${arrangement.binaries.version} runs ${arrangement.runAs.way}`)
  await awaitPredecessor(join(homeDirectory, 'postgres'), log)
  const { dataDirectory, password } = await prepareDataDirectory(homeDirectory, arrangement, log)
  const sockets = await makeSocketDirectory(homeDirectory, arrangement.runAs.owner)
  const running = await startServer({ arrangement, dataDirectory, password, sockets, log })
  return guard(running, options, async () => {
    await running.server.ended
    await sockets.remove()
    await unlock()
  })
}

/** Tells an end that was asked for from one that was not. */
function guard(
  { server, connection }: Running,
  { onUnexpectedExit, log }: EmbeddedPostgresOptions,
  cleanUp: () => Promise<void>,
): EmbeddedPostgres {
  let stopped: Promise<void> | null = null
  void server.ended.then(async (status) => {
    if (stopped !== null) return
    stopped = cleanUp()
    await stopped.catch((cause: unknown) => log(`cleaning up after PostgreSQL failed: ${String(cause)}`))
    const detail = `PostgreSQL ended by itself (status ${status}): ${server.lastLines().slice(-3).join(' | ')}`
    onUnexpectedExit(new Problem('database-unavailable', { detail }))
  })
  return {
    connection,
    connectionString: () => asUrl(connection),
    stop() {
      stopped ??= cleanUp()
      server.release()
      return stopped
    },
  }
}

interface Start {
  readonly arrangement: Arrangement
  readonly dataDirectory: string
  readonly password: string
  readonly sockets: SocketDirectory
  readonly log: (line: string) => void
}

/** Tries again when a server of an earlier life was overlooked: it may not have written its pid file yet. */
async function startServer(start: Start): Promise<Running> {
  for (let attempt = 1; ; attempt += 1) {
    const server = supervise(start.arrangement.runAs, command(start), start.log)
    try {
      const connection = { ...connectionTo(start), database: ROLE }
      await awaitReadiness(server, { ...connection, database: 'postgres' })
      return { server, connection }
    } catch (cause) {
      server.release()
      await server.ended.catch(() => undefined)
      if (attempt === STARTS || !STILL_IN_USE.test(server.lastLines().join('\n'))) {
        await start.sockets.remove()
        throw cause
      }
      await delay(200 * attempt)
      await awaitPredecessor(start.dataDirectory, start.log)
    }
  }
}

function command({ arrangement, dataDirectory, sockets }: Start): readonly string[] {
  const settings = {
    ...SERVER_SETTINGS,
    port: String(SOCKET_PORT),
    unix_socket_directories: quoted(sockets.path),
  }
  return [
    join(arrangement.binaries.directory, 'bin', 'postgres'),
    ...['-D', dataDirectory],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
}

/** The setting is a list: a comma or a blank in the path would end an unquoted member. */
function quoted(path: string): string {
  return `"${path.replaceAll('"', '""')}"`
}

function connectionTo({ sockets, password }: Start): Omit<EmbeddedConnection, 'database'> {
  return { host: sockets.path, port: SOCKET_PORT, user: ROLE, password }
}

/** Ready is when a query has been answered and our database is there. */
async function awaitReadiness(server: Supervised, connection: EmbeddedConnection): Promise<void> {
  const end: { status: number | null } = { status: null }
  void server.ended.then(
    (status) => (end.status = status),
    () => (end.status = -1),
  )
  let lastSign = performance.now()
  for (;;) {
    const outcome = await attempt(connection)
    if (outcome === 'ready') return
    if (end.status !== null) throw failure(`PostgreSQL ended while starting (status ${end.status})`, server)
    if (outcome === 'starting') lastSign = performance.now()
    if (performance.now() - lastSign > SILENCE_MS) throw failure('PostgreSQL does not answer', server)
    await delay(20)
  }
}

async function attempt(connection: EmbeddedConnection): Promise<'ready' | 'starting' | 'silent'> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await createDatabase(client)
    return 'ready'
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError)) return 'silent'
    // 57P03 cannot_connect_now: starting up, in recovery, or going down.
    if (cause.code === '57P03') return 'starting'
    throw new Problem('database-unavailable', {
      detail: `The embedded PostgreSQL refuses: ${cause.message}`,
      cause,
    })
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function createDatabase(client: pg.Client): Promise<void> {
  const found = await client.query('select from pg_database where datname = $1', [ROLE])
  if (found.rowCount === 0) await client.query(`create database ${ROLE}`)
}

function failure(what: string, server: Supervised): Problem {
  return new Problem('database-unavailable', {
    detail: `${what}: ${server.lastLines().slice(-5).join(' | ')}`,
  })
}

function asUrl({ host, port, user, password, database }: EmbeddedConnection): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@/${database}?host=${encodeURIComponent(host)}&port=${port}`
}
