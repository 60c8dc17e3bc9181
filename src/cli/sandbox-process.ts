import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Failure } from './failure.ts'
import { type Home, type Ready, readReady } from './home.ts'

export interface SandboxProcess {
  /** Resolves when the sandbox has written its ready.json; rejects when it ends before. */
  readonly ready: Promise<Ready>
  readonly hasEnded: () => boolean
  /** Stops the sandbox and all of its processes; resolves when they are gone. Idempotent. */
  stop(): Promise<void>
}

export interface SandboxOptions {
  /** The directory is there already. */
  readonly home: Home
  /** Removed when this process dies without `stop`. */
  readonly folder: string
  /** Run by this Node: scripts/start.mjs. */
  readonly script: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  /** Takes stdout and stderr of the sandbox. */
  readonly logDescriptor: number
}

/**
 * Stands between us and the sandbox: its standard input is a pipe from us. A word on it, or its end by our death of whatever kind,
 * ends the sandbox: SIGTERM first; what of the process group is left after 15 s (the sandbox promises 10) is killed. When we died,
 * it removes our temporary folder, too.
 */
const KEEPER = `
const { spawn } = require('node:child_process')
const { rmSync } = require('node:fs')
const [folder, script] = process.argv.slice(1)
const child = spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit'] })
const signalAll = (signal) => { try { process.kill(-process.pid, signal) } catch {} }
let stopping = false
let orphaned = false
const stop = () => {
  if (stopping) return
  stopping = true
  child.kill('SIGTERM')
  setTimeout(() => { child.kill('SIGKILL'); signalAll('SIGKILL') }, 15000).unref()
}
process.stdin.on('data', stop).on('error', stop)
process.stdin.on('end', () => { orphaned = !stopping; stop() })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
const finish = (code) => {
  signalAll('SIGTERM')
  if (orphaned) try { rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) } catch {}
  process.exit(code)
}
child.on('error', () => finish(1))
child.on('exit', (code) => finish(code ?? 1))
`

export function startSandbox(options: SandboxOptions): SandboxProcess {
  const { logDescriptor } = options
  const keeper = spawn(process.execPath, ['-e', KEEPER, '--', options.folder, options.script], {
    cwd: options.workingDirectory,
    env: { ...options.environment },
    stdio: ['pipe', logDescriptor, logDescriptor],
    // A group of its own: Ctrl-C at a terminal reaches the command, and the sandbox only when the command has ended.
    detached: true,
  })
  // The keeper may be gone before its pipe is ended.
  keeper.stdin?.on('error', () => undefined)
  const ended = new Promise<number>((resolve) => {
    keeper.once('error', () => resolve(1))
    keeper.once('exit', (code) => resolve(code ?? 1))
  })
  return {
    ready: untilReady(options.home, ended),
    hasEnded: () => hasEnded(keeper),
    stop: async () => {
      keeper.stdin?.end('stop')
      await ended
      if (keeper.pid !== undefined) await groupGone(keeper.pid)
    },
  }
}

const GROUP_LOOKS = 100
const GROUP_LOOK_EVERY_MS = 50

/** A sandbox that was killed leaves its database for a moment: nobody else waits for that, and nobody tells us of its end. */
async function groupGone(leader: number): Promise<void> {
  for (let looks = 0; looks < GROUP_LOOKS; looks += 1) {
    if (!signalGroup(leader, 0)) return
    await pause(GROUP_LOOK_EVERY_MS)
  }
  signalGroup(leader, 'SIGKILL')
}

/** False when there is nobody left (or the system knows no groups). */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal)
  } catch {
    return false
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** ready.json is written last, so that its being there says everything. */
function untilReady(home: Home, ended: Promise<number>): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const ready = readReady(home)
      if (ready === null) return
      watching.close()
      resolve(ready)
    }
    const watching = watch(home.path, look)
    watching.on('error', reject)
    void ended.then((exitCode) => {
      watching.close()
      reject(
        new Failure({
          title: 'The sandbox did not start',
          detail: `It ended with ${exitCode}; its log says why.`,
        }),
      )
    })
    look()
  })
}
