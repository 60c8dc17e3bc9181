import { build } from './build.mjs'
import { Stopped, stopOnSignals } from './child.mjs'
import { isClone } from './root.mjs'
import { setUp } from './setup.mjs'

const FLOOR = [20, 19]

/** Why this Node.js cannot run Certrail; null when it can. */
export function nodeTooOld(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number)
  const enough = major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])
  return enough ? null : `Certrail needs Node.js ${FLOOR.join('.')} or newer; this is ${version}`
}

/** Installs and builds what is missing or stale; in a packed package there is nothing to do. */
export async function prepare(options) {
  const refusal = nodeTooOld()
  if (refusal !== null) throw new Error(refusal)
  if (!isClone()) return
  await setUp(options)
  await build(options)
}

/**
 * Runs a script's `work({stop, release})` and makes its outcome the exit code: the number it resolves with, 1 with the message for
 * a failure, 128 + n for a signal n (`onStopped` may choose otherwise). `release` gives the signals to whoever takes them next.
 */
export async function runScript(work, { onStopped = (code) => code } = {}) {
  const signals = stopOnSignals()
  try {
    const code = await work({ stop: signals.stop, release: signals.release })
    if (typeof code === 'number') process.exitCode = code
  } catch (error) {
    if (error instanceof Stopped) {
      process.exitCode = onStopped({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signals.received()])
    } else {
      process.stderr.write(`${describe(error)}\n`)
      process.exitCode = 1
    }
  } finally {
    signals.release()
  }
}

/** A refusal is its message; a slip in our own code needs its place. */
function describe(error) {
  const isSlip = [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind)
  return isSlip || !(error instanceof Error) ? (error?.stack ?? String(error)) : error.message
}
