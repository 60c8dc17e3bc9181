import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Failure } from './failure.ts'

/** The shell's convention: 128 + n for signal n. */
export const signalExitCode = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

export interface SignalWatch {
  /** The first that came; null: none. */
  received(): NodeJS.Signals | null
  close(): void
}

/** While it is open, signals do not end this process. */
export function watchSignals(onSignal: (signal: NodeJS.Signals) => void): SignalWatch {
  let first: NodeJS.Signals | null = null
  const listener = (signal: NodeJS.Signals): void => {
    first ??= signal
    onSignal(signal)
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return {
    received: () => first,
    close: () => {
      for (const signal of SIGNALS) process.off(signal, listener)
    },
  }
}

/** Where this process has a terminal, Ctrl-C has reached the child already: twice would make some tools give up at once. */
export const forwardSignal = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (!(signal === 'SIGINT' && process.stdin.isTTY === true)) child.kill(signal)
}

export interface RunningCommand {
  readonly child: ChildProcess
  /** As a shell would say it. */
  readonly exitCode: Promise<number>
}

/** 127 with a Failure's words when there is no such command, 126 when it cannot be run. */
export function runCommand(command: readonly string[], options: SpawnOptions): RunningCommand {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: 'inherit', ...options })
  const exitCode = new Promise<number>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(cannotRun(program, error)))
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : signalExitCode(signal))))
  })
  return { child, exitCode }
}

const cannotRun = (program: string, error: NodeJS.ErrnoException): Failure =>
  new Failure({
    title: error.code === 'ENOENT' ? 'No such command' : 'The command cannot be run',
    detail: error.code === 'ENOENT' ? program : `${program}: ${error.code ?? error.message}`,
    exitCode: error.code === 'ENOENT' ? 127 : 126,
  })
