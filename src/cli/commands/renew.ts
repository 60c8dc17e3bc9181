import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { putEnrollment } from '../put-enrollment.ts'
import { type WaitOptions, withWait } from '../started-change.ts'
import { timeoutOf } from '../waiting.ts'

interface RenewOptions extends CommonOptions, WaitOptions {}

export const addRenew: AddCommand = (program, context) => {
  withWait(
    withConnection(program.command('renew'))
      .description('renew the certificate of an enrollment now, with the settings it has')
      .argument('<enrollment>', 'id or common name'),
    'acknowledge the challenges and wait until the new certificate is live',
  )
    .addHelpText('after', EXPLANATION)
    .action((reference: string, options: RenewOptions) =>
      connected(context, options, async (running) => {
        const { calls } = running.session
        const timeoutMs = timeoutOf(options.timeout)
        const { id } = await findEnrollment(calls, reference)
        const wanted = await calls.enrollmentDocument(id)
        return putEnrollment(running, {
          wanted,
          query: new URLSearchParams({ 'force-renewal': 'true' }),
          timeoutMs: options.wait === true ? timeoutMs : null,
          accepted: 'Renewal',
        })
      }),
    )
}

const EXPLANATION = `
Exit code with --wait: as with enroll.
`
