import { Option } from 'commander'
import { changedEnrollment } from '../changed-enrollment.ts'
import { type ChangeOptions, changeQuery, withChangeOptions } from '../change-options.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { wrongUsage } from '../failure.ts'
import { jsonObjectFile } from '../files.ts'
import { putEnrollment } from '../put-enrollment.ts'
import { type WaitOptions, withWait } from '../started-change.ts'
import { timeoutOf } from '../waiting.ts'

interface UpdateOptions extends CommonOptions, WaitOptions, ChangeOptions {
  readonly san?: readonly string[]
  readonly removeSan?: readonly string[]
  readonly changeManagement?: 'on' | 'off'
  readonly file?: string
}

export const addUpdate: AddCommand = (program, context) => {
  const command = withConnection(program.command('update'))
    .description('change the names or other settings of an enrollment')
    .argument('<enrollment>', 'id or common name')
    .option('--san <names...>', 'add alternative names')
    .option('--remove-san <names...>', 'take alternative names away')
    .addOption(
      new Option('--change-management <switch>', 'stop after staging until somebody acknowledges').choices([
        'on',
        'off',
      ]),
    )
    .option(
      '--file <enrollment.json>',
      'take members from this file: an enrollment as the API knows it, or a part of one',
    )
  withWait(
    withChangeOptions(command, [
      'cancelPending',
      'deployNotBefore',
      'deployNotAfter',
      'allowStagingBypass',
      'renewalDateCheckOverride',
      'allowMissingCertificateAddition',
    ]),
    'acknowledge the challenges and wait until the change is complete',
  )
    .addHelpText('after', EXPLANATION)
    .action((reference: string, options: UpdateOptions) =>
      connected(context, options, async (running) => {
        const timeoutMs = timeoutOf(options.timeout)
        requireWish(options)
        const file = options.file === undefined ? null : jsonObjectFile(running.surroundings, options.file)
        const { calls } = running.session
        const { id } = await findEnrollment(calls, reference)
        const wanted = changedEnrollment(await calls.enrollmentDocument(id), {
          addedNames: options.san ?? [],
          removedNames: options.removeSan ?? [],
          changeManagement: options.changeManagement === undefined ? null : options.changeManagement === 'on',
          file,
        })
        return putEnrollment(running, {
          wanted,
          query: changeQuery(options),
          timeoutMs: options.wait === true ? timeoutMs : null,
          accepted: 'Update',
        })
      }),
    )
}

const EXPLANATION = `
What needs no certificate and no deployment is stored at once. Exit code with --wait: as with enroll.
`

function requireWish({ san, removeSan, changeManagement, file, ...rest }: UpdateOptions): void {
  const wishes = [san, removeSan, changeManagement, file, rest.allowMissingCertificateAddition]
  if (wishes.every((wish) => wish === undefined))
    throw wrongUsage(
      'Say what to change: --san, --remove-san, --change-management, --file or --allow-missing-certificate-addition.',
    )
}
