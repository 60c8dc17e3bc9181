import { type Acknowledged, acknowledgeInput } from '../acknowledge-input.ts'
import { changeReportData, changeReportText } from '../change-report.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { findOpenChange, reportAfter } from '../open-change.ts'
import { showStatus } from '../output.ts'
import { canAcknowledge } from '../ready-commands.ts'

interface AcknowledgeOptions extends CommonOptions {
  readonly deny?: boolean
  readonly hash?: string
}

export const addAcknowledge: AddCommand = (program, context) => {
  withConnection(program.command('acknowledge'))
    .description('acknowledge what the open change waits for: placed challenges, warnings, change management')
    .argument('<enrollment>', 'id or common name')
    .option('--deny', 'say no instead: it ends the change')
    .option(
      '--hash <hash>',
      'with change management: release only what has this validationResultHash (default: that of now)',
    )
    .action((reference: string, options: AcknowledgeOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        const open = await findOpenChange(calls, reference, TITLE)
        const { allowedInput, statusInfo } = (await calls.change(open.key, 0)).change
        const input = allowedInput.find((allowed) => canAcknowledge(allowed.type))
        if (input === undefined) throw nothingToAcknowledge(statusInfo.status)
        const wishes = { deny: options.deny === true, hash: options.hash ?? null }
        const acknowledged = await acknowledgeInput(calls, input, wishes, (shown) =>
          printer.text(shownText(shown)),
        )
        const report = await reportAfter(calls, open)
        printer.data({
          ...changeReportData(report),
          acknowledged: { type: input.type, ...wishes, ...acknowledged },
        })
        printer.text(changeReportText(report))
        return EXIT.done
      }),
    )
}

const TITLE = 'Nothing to acknowledge'

const shownText = ({ warnings, hash }: Acknowledged): string =>
  [
    ...(warnings.length === 0 ? [] : ['Warnings:', ...warnings.map((warning) => `  ${warning}`)]),
    ...(hash === null ? [] : [`Hash of what is released: ${hash}`]),
  ]
    .map((line) => `${line}\n`)
    .join('')

const nothingToAcknowledge = (status: string): Failure =>
  new Failure({
    title: TITLE,
    detail: `The change is at ${showStatus(status)}, which waits for no acknowledgement.`,
  })
