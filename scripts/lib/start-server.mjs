import { Stopped } from './child.mjs'
import { acquireHomeLock } from './home-lock.mjs'
import { locateHome } from './home.mjs'
import { prepare, runScript } from './prepare.mjs'

/** How long an end may take in which nothing is left to be done. */
const END_WITHIN_MS = 300

/** A part that had no end in its time may still have a connection to something that says nothing any more: that does not keep the process. */
function endSoon() {
  setTimeout(() => process.exit(), END_WITHIN_MS).unref()
}

/**
 * Starts the server in this process: one pid from here to the end, the one in ready.json. The home's lock comes before set-up and
 * build, and an earlier ready.json goes with it. A second start on the same home says who holds it.
 */
export async function startServer(argv, env = process.env) {
  await runScript(
    async ({ stop, release }) => {
      const home = locateHome({ argv, env, workingDirectory: process.cwd() })
      const lock = await acquireHomeLock(home)
      try {
        await prepare({ stop, say: (line) => process.stdout.write(`${line}\n`) })
        const { main } = await import('../../dist/server.js')
        if (stop.aborted) throw new Stopped()
        // From here on the signals are the server's.
        release()
        const code = await main({ lock, argv, env })
        endSoon()
        return code
      } catch (error) {
        await lock.release()
        throw error
      }
    },
    // Stopped before there was anything to stop: what was asked for has been done.
    { onStopped: () => 0 },
  )
}
