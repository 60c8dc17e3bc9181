import { changeReportData, changeReportText } from '../change-report.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { chosenChange, findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { canAcknowledge } from '../ready-commands.ts'
import { showStatus } from '../output.ts'

interface AcknowledgeOptions extends CommonOptions {
  readonly deny?: boolean
}

export const addAcknowledge: AddCommand = (program, context) => {
  withConnection(program.command('acknowledge'))
    .description('acknowledge what the open change waits for: placed challenges, warnings, change management')
    .argument('<enrollment>', 'id or common name')
    .option('--deny', 'say no instead')
    .action((reference: string, options: AcknowledgeOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        const enrollment = await findEnrollment(calls, reference)
        const key = chosenChange(enrollment, undefined)
        const before = key === null ? null : (await calls.change(key, 0)).change
        const input = before?.allowedInput.find((allowed) => canAcknowledge(allowed.type))
        if (key === null || input === undefined) throw nothingToAcknowledge(before?.statusInfo.status ?? null)
        await calls.acknowledge(input.update, options.deny === true ? 'deny' : 'acknowledge')
        const [after, { change }, explanation] = await Promise.all([
          calls.enrollment(enrollment.id),
          calls.change(key, 0),
          calls.explainIfPossible(key),
        ])
        const report = { enrollment: after, key, change, explanation }
        printer.data(changeReportData(report))
        printer.text(changeReportText(report))
        return EXIT.done
      }),
    )
}

const nothingToAcknowledge = (status: string | null): Failure =>
  new Failure({
    title: 'Nothing to acknowledge',
    detail:
      status === null
        ? 'No change is open.'
        : `The change is at ${showStatus(status)}, which waits for no acknowledgement.`,
  })
