import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { createClosers } from './composition/closers.ts'
import { readyBlock } from './composition/home-files.ts'
import { startServer } from './composition/server.ts'
import { serviceSettings } from './composition/service-settings.ts'
import { nextStopSignal } from './composition/stop-signal.ts'
import { loadConfig } from './config/load.ts'
import { createLog } from './observe/log.ts'
import { systemClock } from './observe/system-clock.ts'
import { systemRandom } from './observe/system-random.ts'

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url))

export interface MainInput {
  /** The home's lock, taken before anything was installed or built. */
  readonly lock: { release(): Promise<void> }
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** Runs the server in this process until a signal or a lost database ends it; resolves with the exit code when everything has stopped. */
export async function main({ lock, argv, env }: MainInput): Promise<number> {
  const config = loadConfig({ argv, env, workingDirectory: process.cwd() })
  const log = createLog(config.log)
  for (const warning of config.warnings) log.warn(warning)
  const closers = createClosers(log)
  closers.add('home lock', () => lock.release())
  const stop = nextStopSignal()
  try {
    const starting = startServer({
      settings: serviceSettings(config),
      databaseUrl: config.databaseUrl,
      migrations: MIGRATIONS,
      keyEncryptionKeyFile: config.kekFile,
      log,
      real: systemClock(),
      random: systemRandom(),
      pause: (milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => {}),
      closers,
      kill: () => process.kill(process.pid, 'SIGKILL'),
      onDatabaseLost: (error) => {
        log.fatal(
          { err: error },
          'the embedded PostgreSQL is out of reach: this process ends, a new start recovers',
        )
        stop.now(1)
      },
    })
    const ready = await Promise.race([starting, stop.received])
    if (typeof ready === 'number') {
      await starting.catch(() => {})
      return ready
    }
    process.stdout.write(`${readyBlock(config.home, ready)}certrail ready\n`)
    return await stop.received
  } finally {
    await closers.closeAll()
    stop.close()
  }
}
