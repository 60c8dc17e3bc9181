import { createHash } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readlink, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { give, type RunAs } from './as-user.ts'

/** The port is part of the socket's file name; nothing listens on TCP. */
export const SOCKET_PORT = 5432
const SOCKET_FILE = `.s.PGSQL.${SOCKET_PORT}`

/** `sun_path` less its terminating zero: 108 on Linux, 104 on the BSDs and macOS. */
export const LONGEST_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103

export interface SocketDirectory {
  readonly path: string
  remove(): Promise<void>
}

/**
 * Makes the directory of the server's socket, 0700: `run` in the home, or, where the socket's path would be too long,
 * a private one with a short path, to which `run` is then a link. What an earlier life left is removed first.
 */
export async function makeSocketDirectory(
  homeDirectory: string,
  owner: RunAs['owner'],
): Promise<SocketDirectory> {
  const inHome = join(homeDirectory, 'run')
  await removeSocketDirectory(homeDirectory)
  const path = fits(inHome) ? inHome : await mkdtemp(join(shortestTemporary(), prefixFor(homeDirectory)))
  if (path === inHome) await mkdir(inHome, { mode: 0o700 })
  else await symlink(path, inHome)
  await give(path, owner)
  return { path, remove: () => removeSocketDirectory(homeDirectory) }
}

async function removeSocketDirectory(homeDirectory: string): Promise<void> {
  const inHome = join(homeDirectory, 'run')
  const found = await lstat(inHome).catch(() => null)
  if (found === null) return
  if (!found.isSymbolicLink()) {
    await rm(inHome, { recursive: true, force: true })
    return
  }
  const target = await readlink(inHome)
  // Temporary directories are swept and their names can be taken by others: only what bears our name goes, and only our two files in it.
  if (
    basename(target).startsWith(prefixFor(homeDirectory)) &&
    fits(target) &&
    dirname(target) !== homeDirectory
  ) {
    for (const name of [SOCKET_FILE, `${SOCKET_FILE}.lock`])
      await unlink(join(target, name)).catch(() => undefined)
    await rmdir(target).catch(() => undefined)
  }
  await unlink(inHome)
}

function fits(directory: string): boolean {
  return Buffer.byteLength(join(directory, SOCKET_FILE)) <= LONGEST_SOCKET_PATH_BYTES
}

function shortestTemporary(): string {
  return Buffer.byteLength(tmpdir()) <= 40 ? tmpdir() : '/tmp'
}

function prefixFor(homeDirectory: string): string {
  return `certrail-${createHash('sha256').update(homeDirectory).digest('hex').slice(0, 12)}-`
}
