import { Problem } from '../../errors/problem.ts'
import type { Pause } from '../../ports/pause.ts'
import { isSilence, type RuntimeSocket } from './runtime-socket.ts'

/** Has HAProxy read its files anew. Resolves when it was asked; rejects when it says that it could not take them, and serves on as it did. */
export type AskForReload = () => Promise<void>

const LOOKS = 200
const LOOK_EVERY_MS = 50

/**
 * The master CLI (Management Guide, section 9.4). Up to 2.6 the master says nothing and closes, since it starts itself anew; `show proc` counts the reloads
 * that failed since the last one that did not. Later ones wait for the outcome and tell it.
 */
export function createMasterReload({ ask, path }: RuntimeSocket, pause: Pause): AskForReload {
  const quietly = (command: string): Promise<string | null> =>
    ask(command).catch((error: unknown) => {
      if (isSilence(error)) return null
      throw error
    })
  return async () => {
    const told = await quietly('reload\n')
    if (told !== null && /^Success=0/m.test(told)) throw notTaken(path)
    for (let look = 0; look < LOOKS; look++) {
      const processes = await quietly('show proc\n')
      if (processes !== null) {
        if (Number(/\[failed: (\d+)\]/.exec(processes)?.[1] ?? 0) > 0) throw notTaken(path)
        return
      }
      await pause(LOOK_EVERY_MS, new AbortController().signal)
    }
    throw new Problem('edge-unreachable', {
      detail: `HAProxy's master at ${path} does not answer after it was asked for a reload`,
      members: { address: path, seen: 'reload-failed' },
    })
  }
}

const notTaken = (path: string): Problem =>
  new Problem('edge-unreachable', {
    detail: `HAProxy's master at ${path} could not load its configuration anew; its own log says why`,
    members: { address: path, seen: 'reload-failed' },
  })
