// The lock is plain JavaScript outside of src because scripts take it before anything is built; dist lies as deep as src.
import { acquireDirectoryLock, LockHeldError } from '../../../scripts/lib/home-lock.mjs'
import { Problem } from '../../errors/problem.ts'

/**
 * One launcher per home, so that whatever server is met on its data directory is left from an earlier life.
 * Throws `database-unavailable`, naming the holder.
 */
export async function lockDatabase(homeDirectory: string): Promise<{ release(): Promise<void> }> {
  try {
    return await acquireDirectoryLock(homeDirectory, 'postgres')
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause
    throw new Problem('database-unavailable', { detail: `The database of ${cause.message}`, cause })
  }
}
