import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../../errors/problem.ts'
import { type Arrangement, give } from './as-user.ts'
import { isCode } from './binaries.ts'
import { supervise } from './supervise.ts'

/** Role and database that initdb and the launcher make. */
export const ROLE = 'certrail'

const UNFINISHED = 'postgres.init-'

/**
 * Answers the data directory `postgres` of the home, made by initdb when it is not there. initdb works in
 * `postgres.init-<pid>`; the finished, synced directory is then renamed, so `postgres` is whole or absent.
 * The caller holds the lock of the home. Throws `database-unavailable`.
 */
export async function prepareDataDirectory(
  homeDirectory: string,
  arrangement: Arrangement,
  log: (line: string) => void,
): Promise<{ readonly dataDirectory: string; readonly password: string }> {
  await removeUnfinished(homeDirectory)
  const dataDirectory = join(homeDirectory, 'postgres')
  const exists = await isDatabase(dataDirectory)
  const password = await keptPassword(homeDirectory, exists)
  if (!exists) await initialise(homeDirectory, dataDirectory, password, arrangement, log)
  await give(dataDirectory, arrangement.runAs.owner)
  return { dataDirectory, password }
}

async function initialise(
  homeDirectory: string,
  dataDirectory: string,
  password: string,
  { runAs, binaries }: Arrangement,
  log: (line: string) => void,
): Promise<void> {
  const work = join(homeDirectory, `${UNFINISHED}${process.pid}`)
  const passwordFile = join(work, 'password')
  await mkdir(work, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  await give(work, runAs.owner)
  const made = join(work, 'data')
  const command = [
    join(binaries.directory, 'bin', 'initdb'),
    ...['--pgdata', made, '--username', ROLE, '--pwfile', passwordFile],
    ...[
      '--encoding=UTF8',
      '--no-locale',
      '--auth-local=scram-sha-256',
      '--auth-host=scram-sha-256',
      '--no-instructions',
    ],
  ]
  log('making the database (first start)')
  const initdb = supervise(runAs, command, () => undefined)
  const status = await initdb.ended
  if (status !== 0) {
    await removeTree(work)
    throw new Problem('database-unavailable', {
      detail: `initdb failed (status ${status}): ${initdb.lastLines().join(' | ')}. Or set DATABASE_URL to a PostgreSQL server of yours.`,
    })
  }
  await rename(made, dataDirectory)
  await syncDirectory(homeDirectory)
  await removeTree(work)
}

/** What an initdb that was killed has left. Its orphaned children may still be writing for a moment. */
async function removeUnfinished(homeDirectory: string): Promise<void> {
  for (const name of await readdir(homeDirectory)) {
    if (name.startsWith(UNFINISHED)) await removeTree(join(homeDirectory, name))
  }
}

async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

async function isDatabase(dataDirectory: string): Promise<boolean> {
  if (await exists(join(dataDirectory, 'PG_VERSION'))) return true
  if (!(await exists(dataDirectory))) return false
  throw new Problem('database-unavailable', {
    detail: `${dataDirectory} is there but holds no database. Move it away, then start again.`,
  })
}

/** The generated password, on disk before the database that knows it. Losing it is refused clearly, not papered over. */
async function keptPassword(homeDirectory: string, databaseExists: boolean): Promise<string> {
  const keys = join(homeDirectory, 'keys')
  const file = join(keys, 'postgres-password')
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    if (!isCode(cause, 'ENOENT')) throw cause
  }
  if (databaseExists) {
    throw new Problem('database-unavailable', {
      detail: `${file} is missing, without it the database in the home cannot be opened.`,
    })
  }
  await mkdir(keys, { recursive: true, mode: 0o700 })
  const password = randomBytes(24).toString('base64url')
  await placeSynced(file, `${password}\n`)
  await syncDirectory(keys)
  await syncDirectory(homeDirectory)
  return password
}

/** Whole or absent, also after a power cut. */
async function placeSynced(file: string, content: string): Promise<void> {
  const unfinished = `${file}.${process.pid}`
  await unlink(unfinished).catch(() => undefined)
  const handle = await open(unfinished, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(unfinished, file)
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
