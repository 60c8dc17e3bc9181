import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { type Calls, changeKeyOf } from '../calls.ts'
import { type AddCommand, type CommonOptions, type Running, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { Failure, wrongUsage } from '../failure.ts'
import { ENROLLMENT_TYPES, type EnrollmentType, newEnrollment } from '../new-enrollment.ts'
import { showNames } from '../output.ts'
import type { Surroundings } from '../surroundings.ts'
import { facts } from '../table.ts'
import { DEFAULT_TIMEOUT, endingExitCode, endingText, timeoutOf, waitWithProgress } from '../waiting.ts'

interface EnrollOptions extends CommonOptions {
  readonly san: readonly string[]
  readonly type?: EnrollmentType
  readonly contract?: string
  readonly changeManagement?: boolean
  readonly allowDuplicateCn?: boolean
  readonly file?: string
  readonly wait?: boolean
  readonly timeout: string
}

export const addEnroll: AddCommand = (program, context) => {
  withConnection(program.command('enroll'))
    .description('enroll names: the first is the common name, the others are alternative names')
    .argument('[names...]', 'names; may be left out with --file')
    .addOption(new Option('--san <names...>', 'more alternative names').default([], 'none'))
    .addOption(new Option('--type <type>', 'kind of validation (default: dv)').choices([...ENROLLMENT_TYPES]))
    .option('--contract <id>', 'contract that owns the enrollment (default: the only one)')
    .option('--change-management', 'stop after staging until somebody acknowledges')
    .option('--allow-duplicate-cn', 'although another enrollment has this common name')
    .option(
      '--file <enrollment.json>',
      'take everything else from this file: an enrollment as the API knows it',
    )
    .option('--wait', 'acknowledge the challenges and wait until it is complete')
    .addOption(
      new Option('--timeout <duration>', 'with --wait: give up after this time').default(DEFAULT_TIMEOUT),
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
    base: options.file === undefined ? null : enrollmentFile(surroundings, options.file),
  })
  const query = await queryOf(session.calls, options)
  const status = await session.calls.create(enrollment, query)
  const location = status.changes[0]
  if (location === undefined)
    throw new Failure({ title: 'The API started no change', detail: status.enrollment })
  const key = changeKeyOf(location)
  const subject = enrollment['csr'] as { readonly cn: string; readonly sans: readonly string[] }
  printer.text(acceptedText(key.enrollmentId, key.changeId, subject, options.wait === true))
  if (options.wait !== true) {
    printer.data({ ...status, ...key })
    return EXIT.done
  }
  const wishes = { until: 'complete', timeoutMs, acknowledgeChallenges: true, stopAtPerson: true }
  const ending = await waitWithProgress(running, key, wishes)
  printer.data({ ...status, ...key, ending: ending.kind, change: ending.change })
  printer.text(endingText({ id: key.enrollmentId, csr: { cn: subject.cn, sans: [] } }, ending, wishes))
  if (ending.kind === 'reached')
    printer.text(facts([['look at it', `certrail deployed ${key.enrollmentId}`]]))
  return endingExitCode(ending)
}

function acceptedText(
  id: number,
  changeId: number,
  subject: { readonly cn: string; readonly sans: readonly string[] },
  waiting: boolean,
): string {
  const names: [string, string] = ['names', showNames([subject.cn, ...subject.sans], 10)]
  return `Enrollment ${id} accepted, change ${changeId}.\n${facts(
    waiting ? [names] : [names, ['next', `certrail wait ${id}\ncertrail status ${id}`]],
  )}`
}

async function queryOf(calls: Calls, options: EnrollOptions): Promise<URLSearchParams> {
  const query = new URLSearchParams({ contractId: options.contract ?? (await onlyContract(calls)) })
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

function enrollmentFile(surroundings: Surroundings, path: string): Readonly<Record<string, unknown>> {
  const content = jsonIn(resolve(surroundings.workingDirectory, path))
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Readonly<Record<string, unknown>>
  }
  throw wrongUsage(`${path} holds no JSON object.`)
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw wrongUsage(`${path} cannot be read: ${(error as Error).message}.`)
  }
}
