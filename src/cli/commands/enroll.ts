import { Option } from 'commander'
import type { Calls } from '../calls.ts'
import { changeKeyOf } from '../change-key.ts'
import { type ChangeOptions, changeQuery, withChangeOptions } from '../change-options.ts'
import { type AddCommand, type CommonOptions, type Running, connected, withConnection } from '../context.ts'
import { Failure, wrongUsage } from '../failure.ts'
import { jsonObjectFile } from '../files.ts'
import { ENROLLMENT_TYPES, type EnrollmentType, newEnrollment } from '../new-enrollment.ts'
import { showNames } from '../output.ts'
import { type WaitOptions, leaveStarted, waitUntilComplete, withWait } from '../started-change.ts'
import { facts } from '../table.ts'
import { timeoutOf } from '../waiting.ts'

interface EnrollOptions extends CommonOptions, WaitOptions, ChangeOptions {
  readonly san: readonly string[]
  readonly type?: EnrollmentType
  readonly contract?: string
  readonly changeManagement?: boolean
  readonly allowDuplicateCn?: boolean
  readonly file?: string
}

export const addEnroll: AddCommand = (program, context) => {
  const command = withConnection(program.command('enroll'))
    .description('enroll names: the first is the common name, the others are alternative names')
    .argument('[names...]', 'names; may be left out with --file')
    .addOption(new Option('--san <names...>', 'more alternative names').default([], 'none'))
    .addOption(new Option('--type <type>', 'kind of validation (default: dv)').choices([...ENROLLMENT_TYPES]))
    .option('--contract <id>', 'contract that owns the enrollment (default: the only one)')
    .option('--change-management', 'stop after staging until somebody acknowledges')
    .option('--allow-duplicate-cn', 'although another enrollment has this common name')
    .option(
      '--file <enrollment.json>',
      'take everything else from this file: an enrollment as the API knows it, or a part of one',
    )
  withWait(
    withChangeOptions(command, ['deployNotBefore', 'deployNotAfter']),
    'acknowledge the challenges and wait until it is complete',
  )
    .addHelpText('after', EXPLANATION)
    .action((names: string[], options: EnrollOptions) =>
      connected(context, options, (running) => enroll(running, names, options)),
    )
}

const EXPLANATION = `
Exit code without --wait: 0 when the enrollment was accepted. With --wait: 0 only when it is
complete; 1 when it failed or was cancelled; 3 when it is not complete within --timeout, and at once
when a person has to act (change management, warnings, an upload): it says who and how.
`

async function enroll(running: Running, names: readonly string[], options: EnrollOptions): Promise<number> {
  const { session, printer, surroundings } = running
  const timeoutMs = timeoutOf(options.timeout)
  const enrollment = newEnrollment({
    names: [...names, ...options.san],
    type: options.type ?? null,
    changeManagement: options.changeManagement === true,
    base: options.file === undefined ? null : jsonObjectFile(surroundings, options.file),
  })
  const query = await queryOf(session.calls, options)
  const answer = await session.calls.create(enrollment, query)
  const location = answer.changes[0]
  if (location === undefined)
    throw new Failure({ title: 'The API started no change', detail: answer.enrollment })
  const key = changeKeyOf(location)
  const subject = enrollment['csr'] as { readonly cn: string; readonly sans: readonly string[] }
  const started = { enrollment: { id: key.enrollmentId, csr: { cn: subject.cn, sans: [] } }, key, answer }
  printer.text(`Enrollment ${key.enrollmentId} accepted, change ${key.changeId}.\n`)
  printer.text(facts([['names', showNames([subject.cn, ...subject.sans], 10)]]))
  return options.wait === true
    ? waitUntilComplete(running, started, timeoutMs)
    : leaveStarted(running, started)
}

async function queryOf(calls: Calls, options: EnrollOptions): Promise<URLSearchParams> {
  const query = changeQuery(options)
  query.set('contractId', options.contract ?? (await onlyContract(calls)))
  if (options.allowDuplicateCn === true) query.set('allow-duplicate-cn', 'true')
  return query
}

async function onlyContract(calls: Calls): Promise<string> {
  const [first, ...others] = await calls.contracts()
  if (first === undefined)
    throw new Failure({ title: 'No contract', detail: 'The account has none to enroll under.' })
  if (others.length > 0)
    throw wrongUsage(`Choose a contract with --contract: ${[first, ...others].join(', ')}.`)
  return first
}
