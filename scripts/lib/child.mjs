import { spawn } from 'node:child_process'

/** A stop that was asked for by a signal: no fault, nothing to report. */
export class Stopped extends Error {}

const KILL_AFTER_MS = 5_000

/**
 * Runs a program to its end. Resolves `{code, signal}`. When `stop` aborts, the program gets SIGTERM, five seconds later SIGKILL,
 * and after its end the promise rejects with `Stopped`. `stdio` and `env` as in node:child_process; stdin is never ours.
 * `withDescendants`: the signals go to whatever the program has started as well (on Windows to the program alone).
 */
export async function runProgram(
  program,
  args,
  { cwd, env = process.env, stdio = 'inherit', stop, onSpawn, withDescendants = false } = {},
) {
  if (stop?.aborted) throw new Stopped()
  const out = Array.isArray(stdio) ? stdio : ['ignore', stdio, stdio]
  const ownGroup = withDescendants && process.platform !== 'win32'
  const child = spawn(program, args, { cwd, env, stdio: out, detached: ownGroup })
  if (child.pid !== undefined) onSpawn?.(child)
  const signal = (name) => (ownGroup ? signalGroup(child.pid, name) : child.kill(name))
  let killTimer
  const end = () => {
    signal('SIGTERM')
    killTimer = setTimeout(() => signal('SIGKILL'), KILL_AFTER_MS)
  }
  stop?.addEventListener('abort', end, { once: true })
  try {
    const result = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
    if (stop?.aborted) throw new Stopped()
    return result
  } finally {
    clearTimeout(killTimer)
    stop?.removeEventListener('abort', end)
  }
}

function signalGroup(leader, name) {
  try {
    process.kill(-leader, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Runs a program quietly; resolves with its exit code and all it printed. */
export async function captureProgram(program, args, options = {}) {
  let output = ''
  const { code, signal } = await runProgram(program, args, {
    ...options,
    stdio: 'pipe',
    onSpawn: (child) => {
      const add = (chunk) => {
        output += chunk
      }
      child.stdout.setEncoding('utf8').on('data', add)
      child.stderr.setEncoding('utf8').on('data', add)
    },
  })
  return { code: code ?? (signal ? 1 : 0), output }
}

/** Aborts at the first SIGINT, SIGTERM or SIGHUP; `release` gives the signals back to whoever comes next. */
export function stopOnSignals() {
  const controller = new AbortController()
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP']
  let received = null
  const onSignal = (name) => {
    received ??= name
    controller.abort()
  }
  for (const name of names) process.on(name, onSignal)
  return {
    stop: controller.signal,
    received: () => received,
    release() {
      for (const name of names) process.off(name, onSignal)
    },
  }
}
