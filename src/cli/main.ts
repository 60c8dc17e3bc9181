import { CommanderError } from 'commander'
import { systemClock } from '../observe/system-clock.ts'
import { systemRandom } from '../observe/system-random.ts'
import { EXIT } from './exit-code.ts'
import { failureJson, failureOf, failureText, wrongUsage } from './failure.ts'
import { createProgram } from './program.ts'
import type { Output, Surroundings } from './surroundings.ts'

/** The command line client. `argv` without the program's name. Resolves with the exit code; never ends the process. */
export async function run(argv: readonly string[]): Promise<number> {
  // `certrail list | head` closes our stdout early: that is the reader's right, and no failure. It may be told after the command has ended.
  if (!process.stdout.listeners('error').includes(ignoreClosedPipe))
    process.stdout.on('error', ignoreClosedPipe)
  return runIn(surroundingsOfProcess(), argv)
}

const surroundingsOfProcess = (): Surroundings => ({
  environment: process.env,
  workingDirectory: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock(),
  random: systemRandom(),
})

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** The same with everything around it given. */
export async function runIn(surroundings: Surroundings, argv: readonly string[]): Promise<number> {
  const json = wantsJson(argv)
  let exitCode: number = EXIT.done
  const finish = (code: number): void => {
    exitCode = code
  }
  // Commander says by itself what is wrong with the usage; as JSON that is ours to say.
  const program = createProgram({ surroundings, finish }, json ? SILENCE : surroundings.stderr)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return usageExitCode(surroundings, error, json)
    const failure = failureOf(error)
    surroundings.stderr.write(json ? failureJson(failure) : failureText(failure))
    return failure.exitCode
  }
}

const SILENCE: Output = { write: () => true }

/** What stands after `--` is another command's. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json')
}

/** Help and version are asked for and so no errors; `certrail` alone shows help and is wrong usage. */
function usageExitCode(surroundings: Surroundings, error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return EXIT.done
  const detail =
    error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '')
  if (json) surroundings.stderr.write(failureJson(wrongUsage(detail)))
  return EXIT.usage
}
