import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '../observe/log.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../store/postgres/launcher.ts'
import type { Closers } from './closers.ts'

export interface OwnDatabaseOptions {
  readonly home: string
  readonly log: Logger
  readonly closers: Closers
  /** It came back at another place, which nobody here can follow. */
  readonly onDatabaseLost: (error: Error) => void
}

/** After the last one as long as it takes: a full disk has room again some day, and until then the edges of this process serve on. */
const START_AGAIN_AFTER_MS = [0, 1_000, 2_000, 5_000, 10_000, 30_000]

/**
 * The embedded PostgreSQL of the home, where it can be reached. One that ends by itself (the kernel ran out of memory, somebody killed it) is started again: it
 * recovers what was committed, and who uses it meets it as any database that was away.
 */
export async function startOwnDatabase(options: OwnDatabaseOptions): Promise<string> {
  const { home, log, closers, onDatabaseLost } = options
  const stopped = new AbortController()
  let server = await start()
  const url = server.connectionString()
  let restarting: Promise<void> = Promise.resolve()

  function start(): Promise<EmbeddedPostgres> {
    return startEmbeddedPostgres({
      homeDirectory: home,
      log: (line) => log.debug({ postgres: line }, 'postgresql'),
      onUnexpectedExit(problem) {
        log.error({ err: problem }, 'the embedded PostgreSQL ended: it is started again')
        restarting = startAgain()
      },
    })
  }

  async function startAgain(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const waitMs = START_AGAIN_AFTER_MS[Math.min(attempt, START_AGAIN_AFTER_MS.length - 1)]
      await pause(waitMs, undefined, { signal: stopped.signal }).catch(() => {})
      if (stopped.signal.aborted) return
      try {
        server = await start()
        if (server.connectionString() !== url) onDatabaseLost(new Error('the embedded PostgreSQL moved'))
        return log.info('the embedded PostgreSQL is back')
      } catch (error) {
        log.error({ err: error }, 'the embedded PostgreSQL does not start')
      }
    }
  }

  closers.add('embedded PostgreSQL', async () => {
    stopped.abort()
    await restarting
    await server.stop()
  })
  return url
}
