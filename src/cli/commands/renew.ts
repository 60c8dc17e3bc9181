import { type ChangeOptions, changeQuery, withChangeOptions } from '../change-options.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { putEnrollment } from '../put-enrollment.ts'
import { type WaitOptions, withWait } from '../started-change.ts'
import { timeoutOf } from '../waiting.ts'

interface RenewOptions extends CommonOptions, WaitOptions, ChangeOptions {}

export const addRenew: AddCommand = (program, context) => {
  const command = withConnection(program.command('renew'))
    .description('renew the certificate of an enrollment now, with the settings it has')
    .argument('<enrollment>', 'id or common name')
  withWait(
    withChangeOptions(command, ['cancelPending', 'deployNotBefore', 'deployNotAfter', 'allowStagingBypass']),
    'acknowledge the challenges and wait until the new certificate is live',
  )
    .addHelpText('after', EXPLANATION)
    .action((reference: string, options: RenewOptions) =>
      connected(context, options, async (running) => {
        const { calls } = running.session
        const timeoutMs = timeoutOf(options.timeout)
        const { id } = await findEnrollment(calls, reference)
        const wanted = await calls.enrollmentDocument(id)
        const query = changeQuery(options)
        query.set('force-renewal', 'true')
        return putEnrollment(running, {
          wanted,
          query,
          timeoutMs: options.wait === true ? timeoutMs : null,
          accepted: 'Renewal',
        })
      }),
    )
}

const EXPLANATION = `
Exit code with --wait: as with enroll.
`
