import type { Enrollment } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { liveOn } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

export const addList: AddCommand = (program, context) => {
  withConnection(program.command('list'))
    .description('list the enrollments of the account')
    .action((options: CommonOptions) =>
      connected(context, options, async ({ session, printer }) => {
        const enrollments = await session.calls.enrollments()
        printer.data({ enrollments })
        printer.text(
          enrollments.length === 0
            ? 'No enrollments yet. Make one with: certrail enroll NAME\n'
            : table(HEADER, enrollments.map(rowOf), printer.strong),
        )
        return EXIT.done
      }),
    )
}

const HEADER = ['id', 'common name', 'names', 'type', 'live on', 'open change', 'renews from']

const rowOf = (enrollment: Enrollment): readonly string[] => [
  String(enrollment.id),
  enrollment.csr.cn,
  String(new Set([enrollment.csr.cn, ...enrollment.csr.sans]).size),
  enrollment.validationType,
  liveOn(enrollment),
  openChangeText(enrollment),
  enrollment.autoRenewalStartTime ? showTime(enrollment.autoRenewalStartTime) : '-',
]

function openChangeText(enrollment: Enrollment): string {
  const last = enrollment.pendingChanges.at(-1)
  if (last === undefined) return '-'
  const id = last.location.split('/').at(-1) ?? ''
  return last.changeType ? `${id} ${last.changeType}` : id
}
