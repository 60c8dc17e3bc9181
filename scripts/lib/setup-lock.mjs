import { setTimeout as sleep } from 'node:timers/promises'
import { Stopped } from './child.mjs'
import { LockHeldError, acquireDirectoryLock } from './home-lock.mjs'
import { ROOT } from './root.mjs'

const LOOK_AGAIN_MS = 200
const GIVE_UP_MS = 10 * 60_000

/** Runs `work` while no other process installs or builds in this clone: `npm test` and `npm start` at once must not delete each other's node_modules. */
export async function withSetupLock(work, { stop, say }) {
  const lock = await take({ stop, say })
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

async function take({ stop, say }) {
  const giveUpAt = performance.now() + GIVE_UP_MS
  let told = false
  for (;;) {
    if (stop?.aborted) throw new Stopped()
    try {
      return await acquireDirectoryLock(ROOT, 'set-up')
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error
      if (performance.now() > giveUpAt) {
        throw new Error(
          `process ${error.holder.pid} has been setting up this clone for ten minutes; end it and try again`,
        )
      }
      if (!told) say(`set-up: waiting for process ${error.holder.pid}, which is setting up this clone`)
      told = true
      await sleep(LOOK_AGAIN_MS)
    }
  }
}
