import { runIn } from '../../src/cli/main.ts'
import type { Output } from '../../src/cli/surroundings.ts'
import { systemClock } from '../../src/observe/system-clock.ts'
import { createNodeRandom } from './node-random.ts'

export interface CommandRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** stdout as JSON; throws when it is something else. */
  json(): unknown
}

export interface CommandSurroundings {
  readonly home?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly workingDirectory?: string
  readonly isTTY?: boolean
}

/** Runs the command line in this process, as `certrail` would. */
export async function runCommandLine(
  argv: readonly string[],
  around: CommandSurroundings = {},
): Promise<CommandRun> {
  const stdout = collector(around.isTTY === true)
  const stderr = collector(around.isTTY === true)
  const exitCode = await runIn(
    {
      environment: {
        PATH: process.env['PATH'],
        ...(around.home === undefined ? {} : { CERTRAIL_HOME: around.home }),
        ...around.environment,
      },
      workingDirectory: around.workingDirectory ?? '/nonexistent',
      stdout,
      stderr,
      clock: systemClock(),
      random: createNodeRandom(),
    },
    argv,
  )
  return {
    exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
    json: () => JSON.parse(stdout.text()) as unknown,
  }
}

function collector(isTTY: boolean): Output & { text(): string } {
  let text = ''
  return {
    isTTY,
    columns: 80,
    write: (more) => {
      text += more
    },
    text: () => text,
  }
}
