import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Problem } from '../../errors/problem.ts'
import { isCode } from './binaries.ts'

/** An old server gets as long as its own fast and immediate shutdown take (supervise.ts), and a margin. */
const PATIENCE_MS = 15_000
const AFTER_QUIT_MS = 6_000
const LOOK_EVERY_MS = 50

/**
 * Waits until no server of an earlier life runs on the data directory: after kill -9 of us it is still shutting down.
 * One that stays longer than 15 s gets SIGQUIT. The caller holds the lock of the directory, so no server that somebody
 * needs is ever met here. Throws `database-unavailable` when it does not go.
 */
export async function awaitPredecessor(
  dataDirectory: string,
  log: (line: string) => void,
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  if (await isGone(dataDirectory, 0)) return
  log(`waiting for an earlier PostgreSQL of ${dataDirectory} to stop`)
  if (await isGone(dataDirectory, patienceMs)) return
  const pid = await runningPostmaster(dataDirectory)
  if (pid === null) return
  log(`the earlier PostgreSQL (process ${pid}) does not stop: sending SIGQUIT`)
  try {
    process.kill(pid, 'SIGQUIT')
  } catch (cause) {
    if (!isCode(cause, 'ESRCH')) throw cause
  }
  if (await isGone(dataDirectory, AFTER_QUIT_MS)) return
  throw new Problem('database-unavailable', {
    detail: `PostgreSQL process ${pid} still uses ${dataDirectory} and does not stop.`,
  })
}

async function isGone(dataDirectory: string, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while ((await runningPostmaster(dataDirectory)) !== null) {
    if (performance.now() >= deadline) return false
    await delay(LOOK_EVERY_MS)
  }
  return true
}

/** The process that the directory's postmaster.pid names, if it lives and its command line names the directory: numbers are used again. */
export async function runningPostmaster(dataDirectory: string): Promise<number | null> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!(pid > 0)) return null
  return (await commandLine(pid)).includes(dataDirectory) ? pid : null
}

/** Empty for a process that has ended, also while nobody has reaped it. */
async function commandLine(pid: number): Promise<readonly string[]> {
  if (process.platform === 'linux') {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
  }
  const listing = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  // `ps` joins the words, so a directory with spaces has to be found as a whole.
  return listing.stdout.split(/(?<= -D )(.*?)(?= -c )/)
}
