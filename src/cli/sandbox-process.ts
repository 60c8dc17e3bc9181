import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'
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
  /** Run by this Node: scripts/start.mjs. */
  readonly script: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  /** Takes stdout and stderr of the sandbox. */
  readonly logDescriptor: number
}

/**
 * Stands between us and the sandbox: its standard input is a pipe from us, and when that ends, by `stop` or by our death of whatever
 * kind, it ends the sandbox. SIGTERM first; what of the process group is left after 15 s (the sandbox itself promises 10) is killed.
 */
const KEEPER = `
const { spawn } = require('node:child_process')
const child = spawn(process.execPath, process.argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] })
const killAll = () => { try { process.kill(-process.pid, 'SIGKILL') } catch { child.kill('SIGKILL'); process.exit(1) } }
let stopping = false
const stop = () => {
  if (stopping) return
  stopping = true
  child.kill('SIGTERM')
  setTimeout(killAll, 15000).unref()
}
process.stdin.on('end', stop).on('error', stop).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
child.on('error', () => process.exit(1))
child.on('exit', (code) => process.exit(code ?? 1))
`

export function startSandbox(options: SandboxOptions): SandboxProcess {
  const { logDescriptor } = options
  const keeper = spawn(process.execPath, ['-e', KEEPER, '--', options.script], {
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
      keeper.stdin?.end()
      await ended
    },
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
