import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { liveOn } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { findOpenChange } from '../open-change.ts'

export const addCancel: AddCommand = (program, context) => {
  withConnection(program.command('cancel'))
    .description('cancel the open change of an enrollment; what is live stays live')
    .argument('<enrollment>', 'id or common name')
    .action((reference: string, options: CommonOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        const { enrollment, key } = await findOpenChange(calls, reference, 'Nothing to cancel')
        await calls.cancel(key)
        printer.data({ ...key, cancelled: true })
        printer.text(
          `Change ${key.changeId} of ${enrollment.csr.cn} (enrollment ${enrollment.id}) is cancelled. Live on: ${liveOn(enrollment)}.\n`,
        )
        return EXIT.done
      }),
    )
}
