import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
// Plain JavaScript outside of src because scripts take the same kind of lock before anything is built; dist lies as deep as src.
import { acquireDirectoryLock, LockHeldError } from '../../../scripts/lib/home-lock.mjs'
import { Problem } from '../../errors/problem.ts'
import type { Pause } from '../../ports/pause.ts'

const PAUSE_MS = 20
/** A writer needs a few milliseconds for a certificate; one that has a thousand to load lets the others wait for their next turn. */
const TURNS = 500

export type WithLock = <T>(work: () => Promise<T>) => Promise<T>

/**
 * One writer at a time for a HAProxy process, whoever else on this host is one of ours: the runtime API has a single certificate transaction. The kernel
 * frees it however the holder ends.
 */
export function createProcessLock(socketPath: string, pause: Pause): WithLock {
  async function acquire(): Promise<{ release(): Promise<void> }> {
    const directory = await realpath(dirname(socketPath))
    const purpose = `haproxy-${createHash('sha256').update(basename(socketPath)).digest('hex').slice(0, 8)}`
    for (let turn = 1; ; turn++) {
      try {
        return await acquireDirectoryLock(directory, purpose)
      } catch (cause) {
        if (!(cause instanceof LockHeldError)) throw cause
        if (turn === TURNS)
          throw new Problem('edge-unreachable', {
            detail: `HAProxy at ${socketPath} is being written to by process ${cause.holder.pid || 'unknown'}`,
            members: { address: socketPath, seen: 'locked' },
            cause,
          })
      }
      await pause(PAUSE_MS, new AbortController().signal)
    }
  }
  return async (work) => {
    const lock = await acquire()
    try {
      return await work()
    } finally {
      await lock.release()
    }
  }
}
