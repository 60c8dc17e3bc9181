import type { Enrollment } from '../answers.ts'
import { changeKeyOf } from '../change-key.ts'
import { type ChangeOptions, changeQuery, withChangeOptions } from '../change-options.ts'
import { type AddCommand, type CommonOptions, type Running, connected, withConnection } from '../context.ts'
import { showDuration } from '../duration.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { type WaitOptions, withWait } from '../started-change.ts'
import { type Departure, waitUntilGone } from '../wait-until-gone.ts'
import { timeoutOf } from '../waiting.ts'

interface RemoveOptions extends CommonOptions, WaitOptions, ChangeOptions {}

export const addRemove: AddCommand = (program, context) => {
  const command = withConnection(program.command('remove'))
    .description('remove an enrollment: its certificates leave the networks, then it is gone')
    .argument('<enrollment>', 'id or common name')
  withWait(
    withChangeOptions(command, ['cancelPending', 'deployNotBefore', 'deployNotAfter']),
    'wait until the enrollment is not found any more',
  )
    .addHelpText('after', EXPLANATION)
    .action((reference: string, options: RemoveOptions) =>
      connected(context, options, (running) => remove(running, reference, options)),
    )
}

const EXPLANATION = `
Asking again for the same removal does no harm. Exit code with --wait: 0 when it is gone, 1 when the
removal failed, 3 when it is still there after --timeout.
`

async function remove(running: Running, reference: string, options: RemoveOptions): Promise<number> {
  const { session, printer } = running
  const timeoutMs = timeoutOf(options.timeout)
  const enrollment = await findEnrollment(session.calls, reference)
  const answer = await session.calls.remove(enrollment.id, changeQuery(options))
  const location = answer.changes[0]
  const key = location === undefined ? null : changeKeyOf(location)
  const known = { ...answer, enrollmentId: enrollment.id, changeId: key?.changeId ?? null }
  if (key !== null) printer.text(`Removal of ${nameOf(enrollment)} accepted, change ${key.changeId}.\n`)
  if (key !== null && options.wait !== true) {
    printer.data({ ...known, removed: false })
    printer.text(`  next  certrail remove ${enrollment.id} --wait\n`)
    return EXIT.done
  }
  const departure: Departure =
    key === null ? { kind: 'gone' } : await waitUntilGone(running, enrollment.id, timeoutMs)
  printer.data({ ...known, removed: departure.kind === 'gone' })
  printer.text(departureText(enrollment, departure, timeoutMs))
  return EXIT_CODES[departure.kind]
}

const EXIT_CODES: Readonly<Record<Departure['kind'], number>> = {
  gone: EXIT.done,
  failed: EXIT.failed,
  timeout: EXIT.unfinished,
}

function departureText(enrollment: Enrollment, departure: Departure, timeoutMs: number): string {
  const { id } = enrollment
  switch (departure.kind) {
    case 'gone':
      return `${nameOf(enrollment)} is removed.\n`
    case 'failed': {
      const cause = departure.change.statusInfo.error?.description
      return `The removal of ${nameOf(enrollment)} failed${cause ? `: ${cause}` : '.'}\n  next  certrail explain ${id}\n        certrail remove ${id} --wait\n`
    }
    case 'timeout':
      return `${nameOf(enrollment)} is still there after ${showDuration(timeoutMs)}.\n  next  certrail status ${id}\n        certrail remove ${id} --wait\n`
  }
}

const nameOf = (enrollment: Enrollment): string => `${enrollment.csr.cn} (enrollment ${enrollment.id})`
