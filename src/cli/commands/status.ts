import { type ChangeReport, changeReportData, changeReportText } from '../change-report.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { chosenChange, findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import type { Calls } from '../calls.ts'

interface StatusOptions extends CommonOptions {
  readonly change?: string
}

export const addStatus: AddCommand = (program, context) => {
  withConnection(program.command('status'))
    .description(
      'show where the open change of an enrollment stands, what is allowed next, and the command for it',
    )
    .argument('<enrollment>', 'id or common name')
    .option('--change <id>', 'another change than the open one')
    .action((reference: string, options: StatusOptions) =>
      connected(context, options, async ({ session, printer }) => {
        const report = await reportOn(session.calls, reference, options.change)
        printer.data(changeReportData(report))
        printer.text(changeReportText(report))
        return EXIT.done
      }),
    )
}

async function reportOn(calls: Calls, reference: string, change: string | undefined): Promise<ChangeReport> {
  const enrollment = await findEnrollment(calls, reference)
  const key = chosenChange(enrollment, change)
  if (key === null) return { enrollment, key, change: null, explanation: null }
  const [answer, explanation] = await Promise.all([calls.change(key, 0), calls.explainIfPossible(key)])
  return { enrollment, key, change: answer.change, explanation }
}
