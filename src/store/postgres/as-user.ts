import { spawnSync } from 'node:child_process'
import { chmod, chown, lchown, lstat, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../../errors/problem.ts'
import { copyBinaries, mendSymlinks, type PostgresBinaries } from './binaries.ts'
import { environment } from './supervise.ts'

/** PostgreSQL refuses to run as root. Ways around it, in the order in which they are tried. */
export type RootWay = 'user-namespace' | 'other-user'

export interface RunAs {
  /** Words before the command: a program that changes the user and becomes the command. */
  readonly prefix: readonly string[]
  /** For `spawn`. Empty: as we are. */
  readonly identity: { readonly uid?: number; readonly gid?: number }
  /** Who owns the files, as seen from our process; null: whoever makes them. */
  readonly owner: { readonly uid: number; readonly gid: number } | null
  readonly way: 'as-is' | RootWay
}

export interface Arrangement {
  readonly runAs: RunAs
  readonly binaries: PostgresBinaries
}

interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

export interface ArrangeOptions {
  /** Exists already. */
  readonly homeDirectory: string
  readonly binaries: PostgresBinaries
  /** Ways that count as refused by the system: for tests. */
  readonly deny?: readonly RootWay[]
}

const AS_IS: RunAs = { prefix: [], identity: {}, owner: null, way: 'as-is' }

/**
 * Chooses the user that PostgreSQL runs as, and binaries within that user's reach.
 * Throws `database-unavailable` with the three ways out when root has no way.
 */
export async function arrangeUser(options: ArrangeOptions): Promise<Arrangement> {
  if (process.getuid?.() !== 0) {
    const whole = await mendSymlinks(options.binaries.directory)
    return { runAs: AS_IS, binaries: whole ? options.binaries : await copied(options) }
  }
  for (const account of await candidates()) {
    for (const runAs of [inNamespace(account), asOther(account)]) {
      if (options.deny?.includes(runAs.way as RootWay)) continue
      const arrangement = await tryWay(options, runAs)
      if (arrangement !== null) return arrangement
    }
  }
  throw new Problem('database-unavailable', {
    detail:
      'PostgreSQL does not run as root, user namespaces are refused here, and no other user can reach ' +
      `${options.homeDirectory}. Three ways out: start Certrail as an ordinary user; set CERTRAIL_HOME to a ` +
      'directory that other users can reach; or set DATABASE_URL to a PostgreSQL server of yours.',
  })
}

/** Gives a directory tree to the user that PostgreSQL runs as. The top comes last: its owner says that all is done. */
export async function give(directory: string, owner: RunAs['owner']): Promise<void> {
  if (owner === null) return
  const top = await lstat(directory)
  if (top.uid === owner.uid && top.gid === owner.gid) return
  for (const entry of await readdir(directory, { recursive: true })) {
    await lchown(join(directory, entry), owner.uid, owner.gid)
  }
  await chown(directory, owner.uid, owner.gid)
}

/** Root without capabilities, under another name: owns what root owns, so nothing has to be given away. */
function inNamespace(account: Account): RunAs {
  const prefix = ['unshare', '--user', `--map-user=${account.uid}`, `--map-group=${account.gid}`, '--']
  return { prefix, identity: {}, owner: { uid: 0, gid: 0 }, way: 'user-namespace' }
}

function asOther(account: Account): RunAs {
  const owner = { uid: account.uid, gid: account.gid }
  return { prefix: [], identity: owner, owner, way: 'other-user' }
}

/** Null when the system refuses this way, or the home or the binaries stay out of reach. */
async function tryWay(options: ArrangeOptions, runAs: RunAs): Promise<Arrangement | null> {
  if (!succeeds(runAs, ['true']) || !(await openWay(options.homeDirectory, runAs))) return null
  const whole = await mendSymlinks(options.binaries.directory)
  if (whole && runs(runAs, options.binaries)) return { runAs, binaries: options.binaries }
  const binaries = await copied(options)
  return runs(runAs, binaries) ? { runAs, binaries } : null
}

/** Another user may pass through the home, no more: what lies in it keeps its own modes. */
async function openWay(homeDirectory: string, runAs: RunAs): Promise<boolean> {
  const mode = (await lstat(homeDirectory)).mode & 0o777
  if (runAs.way === 'other-user') await chmod(homeDirectory, mode | 0o011)
  const reached = succeeds(runAs, ['test', '-x', homeDirectory])
  if (!reached) await chmod(homeDirectory, mode)
  return reached
}

function copied(options: ArrangeOptions): Promise<PostgresBinaries> {
  return copyBinaries(options.binaries, join(options.homeDirectory, 'postgres-binaries'))
}

/** The real thing answers: that covers the path, the libraries and the files that initdb reads. */
function runs(runAs: RunAs, { directory }: PostgresBinaries): boolean {
  return (
    succeeds(runAs, [join(directory, 'bin', 'postgres'), '--version']) &&
    succeeds(runAs, ['test', '-r', join(directory, 'share', 'postgresql', 'postgres.bki')])
  )
}

function succeeds(runAs: RunAs, command: readonly string[]): boolean {
  const [program, ...rest] = [...runAs.prefix, ...command]
  if (program === undefined) return false
  return (
    spawnSync(program, rest, { ...runAs.identity, cwd: '/', env: environment(), stdio: 'ignore' }).status ===
    0
  )
}

/** initdb looks its user up, so only accounts with a passwd entry will do. */
async function candidates(): Promise<readonly Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const accounts = text.split('\n').flatMap(parseAccount)
  const preferred = ['postgres', '_postgres', 'nobody'].flatMap((name) =>
    accounts.filter((account) => account.name === name),
  )
  const unprivileged = accounts.filter((account) => account.uid === 65534)
  return [...new Set([...preferred, ...unprivileged])]
}

function parseAccount(line: string): readonly Account[] {
  const [name, , uid, gid] = line.split(':')
  const account = { name: name ?? '', uid: Number(uid), gid: Number(gid) }
  return uid && gid && Number.isInteger(account.uid) && Number.isInteger(account.gid) && account.uid !== 0
    ? [account]
    : []
}
