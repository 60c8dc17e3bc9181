import type { Enrollment } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { findEnrollment, liveOn, namesOf } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { showTime } from '../output.ts'
import { facts } from '../table.ts'

export const addShow: AddCommand = (program, context) => {
  withConnection(program.command('show'))
    .description('show one enrollment; with --json all of it, as the API gives it')
    .argument('<enrollment>', 'id or common name')
    .action((reference: string, options: CommonOptions) =>
      connected(context, options, async ({ session, printer }) => {
        const enrollment = await findEnrollment(session.calls, reference)
        printer.data(enrollment)
        printer.text(enrollmentText(enrollment))
        return EXIT.done
      }),
    )
}

function enrollmentText(enrollment: Enrollment): string {
  const { networkConfiguration: network } = enrollment
  const open = enrollment.pendingChanges.at(-1)
  return `${enrollment.csr.cn} (enrollment ${enrollment.id})\n${facts([
    ['names', namesOf(enrollment).join('\n')],
    ['type', `${enrollment.validationType}, ${enrollment.certificateType}, by ${enrollment.ra}`],
    ['change management', enrollment.changeManagement ? 'on' : 'off'],
    [
      'network',
      [network.secureNetwork, network.geography, network.sniOnly ? 'SNI only' : '']
        .filter(Boolean)
        .join(', '),
    ],
    ['live on', liveOn(enrollment)],
    [
      'renews from',
      enrollment.autoRenewalStartTime ? showTime(enrollment.autoRenewalStartTime) : 'not set yet',
    ],
    [
      'open change',
      open === undefined ? 'none' : `${open.location.split('/').at(-1)} (${open.changeType ?? 'change'})`,
    ],
  ])}`
}
