import { Argument } from 'commander'
import { changeReportData, changeReportText } from '../change-report.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { wrongUsage } from '../failure.ts'
import { atItsMoment, findOpenChange, reportAfter } from '../open-change.ts'
import type { VettingDecision } from '../operator-calls.ts'

interface VettingOptions extends CommonOptions {
  readonly reason?: string
}

export const addVetting: AddCommand = (program, context) => {
  withConnection(program.command('vetting'))
    .description(
      "decide on the open change of an OV or EV enrollment, in the place of the local CA's vetting",
    )
    .addArgument(new Argument('<decision>', 'what to say').choices(['approve', 'reject']))
    .argument('<enrollment>', 'id or common name')
    .option('--reason <text>', 'with reject: why')
    .action((word: 'approve' | 'reject', reference: string, options: VettingOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        const decision = decisionOf(word, options.reason)
        const open = await findOpenChange(calls, reference, TITLE)
        await atItsMoment(calls, open.key, calls.decideVetting(open.key, decision), {
          title: TITLE,
          waitsFor: 'waits for no vetting',
        })
        const report = await reportAfter(calls, open)
        printer.data({ ...changeReportData(report), ...decision })
        printer.text(changeReportText(report))
        return EXIT.done
      }),
    )
}

const TITLE = 'Nothing to decide'

function decisionOf(word: 'approve' | 'reject', reason: string | undefined): VettingDecision {
  if (word === 'approve') {
    if (reason === undefined) return { decision: word }
    throw wrongUsage('--reason is for reject.')
  }
  if (reason === undefined) throw wrongUsage('A rejection wants its --reason.')
  return { decision: word, reason }
}
