import { Failure, failureOf } from './failure.ts'
import { forwardSignal, runCommand, signalExitCode, watchSignals } from './child-process.ts'
import { leaveFailureFolder } from './failure-folder.ts'
import { type HistoryRecorder, recordHistories } from './histories.ts'
import {
  type SandboxFolder,
  commandEnvironment,
  makeSandboxFolder,
  sandboxEnvironment,
} from './sandbox-folder.ts'
import { type SandboxProcess, startSandbox } from './sandbox-process.ts'
import type { Surroundings } from './surroundings.ts'

export interface ExecWishes {
  readonly command: readonly string[]
  /** The start script, run by this Node. */
  readonly script: string
  /** A certrail.config.json for the sandbox. */
  readonly config: string | null
  readonly verbose: boolean
}

/** The command's exit code. Whatever happens, the sandbox is stopped and its home removed before this resolves or throws. */
export async function runInSandbox(surroundings: Surroundings, wishes: ExecWishes): Promise<number> {
  const folder = folderFor(wishes)
  try {
    return await withSandbox(surroundings, wishes, folder)
  } finally {
    folder.close()
  }
}

function folderFor(wishes: ExecWishes): SandboxFolder {
  try {
    return makeSandboxFolder(wishes.config)
  } catch (error) {
    throw new Failure({ title: 'Cannot make a temporary home', detail: failureOf(error).detail })
  }
}

async function withSandbox(
  surroundings: Surroundings,
  wishes: ExecWishes,
  folder: SandboxFolder,
): Promise<number> {
  const say = (text: string): unknown => surroundings.stderr.write(`certrail exec: ${text}\n`)
  const interrupted = new AbortController()
  let onSignal = (_: NodeJS.Signals): void => interrupted.abort()
  const signals = watchSignals((signal) => onSignal(signal))
  const sandbox = startSandbox({
    home: folder.home,
    folder: folder.path,
    script: wishes.script,
    environment: sandboxEnvironment(surroundings.environment, folder.home),
    workingDirectory: surroundings.workingDirectory,
    logDescriptor: folder.logDescriptor,
  })
  let recorder: HistoryRecorder | null = null
  let failed = true
  try {
    await Promise.race([sandbox.ready, whenAborted(interrupted.signal)])
    const early = signals.received()
    if (early !== null) {
      failed = early !== 'SIGINT'
      return signalExitCode(early)
    }
    if (wishes.verbose) say(`sandbox ready, home ${folder.home.path}`)
    recorder = recordHistories(surroundings, { home: folder.home.path })
    const running = runCommand(wishes.command, {
      cwd: surroundings.workingDirectory,
      env: { ...commandEnvironment(surroundings.environment, folder) },
    })
    onSignal = (signal) => forwardSignal(running.child, signal)
    const exitCode = await running.exitCode
    // Ctrl-C is a wish; any other signal may be a time limit that somebody wants to understand.
    failed = exitCode !== 0 && signals.received() !== 'SIGINT'
    if (failed || wishes.verbose) say(`the command ended with ${exitCode}`)
    return exitCode
  } finally {
    onSignal = () => undefined
    await windUp({ surroundings, sandbox, recorder, folder, failed, say })
    signals.close()
  }
}

interface WindUp {
  readonly surroundings: Surroundings
  readonly sandbox: SandboxProcess
  readonly recorder: HistoryRecorder | null
  readonly folder: SandboxFolder
  readonly failed: boolean
  readonly say: (text: string) => unknown
}

/** The histories are asked for while the sandbox lives, the log is copied when it has said its last word. */
async function windUp({ surroundings, sandbox, recorder, folder, failed, say }: WindUp): Promise<void> {
  if (recorder !== null && sandbox.hasEnded()) say('the sandbox had ended before the command did')
  const histories = failed ? await recorder?.collect() : null
  await recorder?.close()
  await sandbox.stop()
  if (!failed) return
  try {
    const left = { log: folder.log, histories: histories ?? { error: 'The sandbox was not ready.' } }
    const path = leaveFailureFolder(surroundings.workingDirectory, surroundings.clock.now(), left)
    say(`logs and histories are in ${path}`)
  } catch (error) {
    say(`logs and histories could not be left here: ${failureOf(error).detail}`)
  }
}

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
