import { Option } from 'commander'
import type { Enrollment } from '../answers.ts'
import { type AddCommand, type CommonOptions, type Running, connected, withConnection } from '../context.ts'
import { CHANGE_STATUSES } from '../../domain/change/vocabulary.ts'
import { chosenChange, findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { wrongUsage } from '../failure.ts'
import { showStatus } from '../output.ts'
import { DEFAULT_TIMEOUT, endingExitCode, endingText, timeoutOf, waitWithProgress } from '../waiting.ts'

interface WaitOptions extends CommonOptions {
  readonly until: string
  readonly timeout: string
  readonly change?: string
}

export const addWait: AddCommand = (program, context) => {
  withConnection(program.command('wait'))
    .description('wait until the open change of an enrollment is complete, or at a status')
    .argument('<enrollment>', 'id or common name')
    .addOption(new Option('--until <status>', 'the status to wait for').default('complete'))
    .addOption(
      new Option('--timeout <duration>', 'give up after this time: 90s, 10m, PT5M').default(DEFAULT_TIMEOUT),
    )
    .option('--change <id>', 'another change than the open one')
    .addHelpText('after', EXPLANATION)
    .action((reference: string, options: WaitOptions) =>
      connected(context, options, async (running) => {
        const timeoutMs = timeoutOf(options.timeout)
        const until = statusOf(options.until)
        const enrollment = await findEnrollment(running.session.calls, reference)
        const key = chosenChange(enrollment, options.change)
        if (key === null) return nothingOpen(running, enrollment)
        const wishes = { until, timeoutMs, acknowledgeChallenges: false, stopAtPerson: false }
        const ending = await waitWithProgress(running, key, wishes)
        running.printer.data({ ...key, ending: ending.kind, change: ending.change })
        running.printer.text(endingText(enrollment, ending, wishes))
        return endingExitCode(ending)
      }),
    )
}

const EXPLANATION = `
While a person has to act, it goes on waiting: somebody may act. One line that is rewritten on a
terminal, one line for each move elsewhere; beside --json it goes to stderr.
Exit code 0: it is there (or no change is open and the certificate is live). 1: the change failed or
was cancelled, or was completed without resting at that status. 3: not there within --timeout.
`

function statusOf(option: string): string {
  const known: readonly string[] = CHANGE_STATUSES
  if (known.includes(showStatus(option))) return option
  throw wrongUsage(`--until wants a status, not ${option}. One of: ${known.join(', ')}.`)
}

function nothingOpen({ printer }: Running, enrollment: Enrollment): number {
  const live = enrollment.productionSlots.length > 0
  const words = live ? 'is live on production' : 'is not live on production'
  printer.data({
    enrollmentId: enrollment.id,
    changeId: null,
    ending: live ? 'reached' : 'failed',
    change: null,
  })
  printer.text(`${enrollment.csr.cn} (enrollment ${enrollment.id}) has no open change and ${words}.\n`)
  return live ? EXIT.done : EXIT.failed
}
