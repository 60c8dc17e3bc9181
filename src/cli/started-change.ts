import { type Command, Option } from 'commander'
import type { Enrollment, EnrollmentStatus } from './answers.ts'
import type { ChangeKey } from './change-key.ts'
import type { Running } from './context.ts'
import { EXIT } from './exit-code.ts'
import { facts } from './table.ts'
import { DEFAULT_TIMEOUT, endingExitCode, endingText, waitWithProgress } from './waiting.ts'

/** `--wait` of the commands that start a change. */
export const withWait = (command: Command, waiting: string): Command =>
  command
    .option('--wait', waiting)
    .addOption(
      new Option('--timeout <duration>', 'with --wait: give up after this time').default(DEFAULT_TIMEOUT),
    )

export interface WaitOptions {
  readonly wait?: boolean
  readonly timeout: string
}

export interface StartedChange {
  readonly enrollment: Pick<Enrollment, 'id' | 'csr'>
  readonly key: ChangeKey
  /** The answer that named the change, for --json. */
  readonly answer: EnrollmentStatus
}

/** Acknowledges the challenges and waits until the change is complete or a person has to act. Says how it ended; gives the exit code. */
export async function waitUntilComplete(
  running: Running,
  { enrollment, key, answer }: StartedChange,
  timeoutMs: number,
): Promise<number> {
  const { printer } = running
  const wishes = { until: 'complete', timeoutMs, acknowledgeChallenges: true, stopAtPerson: true }
  const ending = await waitWithProgress(running, key, wishes)
  printer.data({ ...answer, ...key, ending: ending.kind, change: ending.change })
  printer.text(endingText(enrollment, ending, wishes))
  if (ending.kind === 'reached') printer.text(facts([['look at it', `certrail deployed ${enrollment.id}`]]))
  return endingExitCode(ending)
}

/** Without `--wait`: that it was accepted, and what to type next. */
export function leaveStarted({ printer }: Running, { enrollment, key, answer }: StartedChange): number {
  printer.data({ ...answer, ...key })
  printer.text(facts([['next', `certrail wait ${enrollment.id}\ncertrail status ${enrollment.id}`]]))
  return EXIT.done
}
