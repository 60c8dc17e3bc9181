import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { type CommanderError, type Command, Option } from 'commander'
import { EXPIRY_SHARES } from '../../domain/notices/notices-of-move.ts'
import { type Instant, SECOND, fromWireTime, toWireTime } from '../../domain/time.ts'
import { certificatesOf } from '../chain-judgement.ts'
import { type CheckResult, type CheckRules, checkTarget } from '../check/check-target.ts'
import { keepingLists } from '../check/kept-lists.ts'
import { type CheckReport, checkReport, checkText, nagiosLine } from '../check/report.ts'
import { CHECK_STATES } from '../check/states.ts'
import { type CheckTarget, readTargets } from '../check/targets.ts'
import { type AddCommand, withJson } from '../context.ts'
import { parseDuration } from '../duration.ts'
import { Failure, failureOf, wrongUsage } from '../failure.ts'
import { textFile } from '../files.ts'
import type { AllowedTargets } from '../../outbound/addresses.ts'
import { createPrinter } from '../output.ts'
import { createListFetch } from '../revocation-look.ts'
import type { Surroundings } from '../surroundings.ts'

interface CheckOptions {
  readonly names: string
  readonly cacert?: string
  readonly at?: string
  readonly warning: string
  readonly critical: string
  readonly timeout: string
  readonly crl: boolean
  readonly nagios?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Nobody who hears of an ageing certificate by notice hears of it later from here (docs/notices.md). */
const [, WARNING, CRITICAL] = EXPIRY_SHARES
const AT_ONCE = 16

export const addCheck: AddCommand = (program, { surroundings, finish }) => {
  const command = withJson(program.command('check'))
    .description('a watchdog for cron and Nagios: judge what names serve, without asking any Certrail')
    .requiredOption('--names <file>', 'what to check: host[:port][=address[:port]] per line')
    .option('--cacert <file>', 'PEM file of the roots to trust, instead of the public ones of Node.js')
    .option('--at <time>', 'judge as of this moment, for a sandbox whose clock was turned (default: now)')
    .option('--warning <share>', 'less of its lifetime is left: WARNING', `${WARNING * 100}%`)
    .option('--critical <share>', 'less of its lifetime is left: CRITICAL', `${CRITICAL * 100}%`)
    .option('--timeout <duration>', 'for each look-up, each handshake and each revocation list', '10s')
    .option('--no-crl', 'leave revocation lists alone')
    .addOption(new Option('--nagios', 'one line with performance data').conflicts('json'))
    .option('--quiet', 'print nothing when all is well')
    .addHelpText('after', EXPLANATION)
  answeringUnknown(command).action((options: CheckOptions) =>
    unknownOnFailure(async () => {
      const rules = rulesOf(surroundings, options)
      const report = checkReport(
        await checkedAll(readTargets(textFile(surroundings, options.names), options.names), rules),
        toWireTime(rules.at),
      )
      if (report.state !== 'ok' || options.quiet !== true) print(surroundings, options, report, rules)
      finish(CHECK_STATES[report.state])
    }),
  )
}

const EXPLANATION = `
Every address of a name is asked, and at each the RSA and the ECDSA certificate where there are both: name,
chain, validity, the share of the lifetime that is left, and what the revocation lists say that it names (each
is fetched once; one that cannot be read is told and is no fault). No database and no API take part, so that
it still speaks when nothing else of Certrail does; run it on another machine, with a file of its own.

  www.example.com                      port 443 of every address of the name
  www.example.com=192.0.2.7            one edge of many
  www.example.com=127.0.0.1:8443       the staging network of a sandbox

Exit codes, other than those of the other commands: 0 OK; 1 WARNING; 2 CRITICAL: expired, nearly so, revoked,
not served, another name, no chain to a trusted root; 3 UNKNOWN: wrong usage, or this machine could not look.
`

/** In cron and Nagios 2 says that a site is down, so wrong usage has to be told apart. */
function answeringUnknown(command: Command): Command {
  return command.configureOutput({ outputError: () => undefined }).exitOverride((error: CommanderError) => {
    if (error.exitCode === 0) throw error
    throw unknown(wrongUsage(`${error.message.replace(/^error: /, '')}.`))
  })
}

async function unknownOnFailure(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw unknown(failureOf(error))
  }
}

const unknown = ({ title, detail }: Failure): Failure =>
  new Failure({ title, detail, exitCode: CHECK_STATES.unknown })

function rulesOf(surroundings: Surroundings, options: CheckOptions): CheckRules {
  const [warning, critical] = [shareOf('--warning', options.warning), shareOf('--critical', options.critical)]
  if (critical > warning) throw wrongUsage('--critical is at most --warning.')
  const timeoutMs = parseDuration(options.timeout)
  if (timeoutMs === null || timeoutMs < SECOND)
    throw wrongUsage(`--timeout is a duration of at least 1s, not ${options.timeout}.`)
  const roots =
    options.cacert === undefined ? publicRoots() : certificatesOf(textFile(surroundings, options.cacert))
  if (roots.length === 0) throw wrongUsage(`${options.cacert} holds no certificate.`)
  const fetchList = options.crl ? keepingLists(createListFetch(targetsOf(surroundings), timeoutMs)) : null
  return { roots, at: momentOf(surroundings, options.at), warning, critical, timeoutMs, fetchList }
}

/** Where a certificate points is somebody else's word: to public addresses, unless the operator says otherwise as to the server. */
const targetsOf = ({ environment }: Surroundings): AllowedTargets =>
  environment['CERTRAIL_ALLOW_PRIVATE_TARGETS'] === 'true' ? 'any' : 'public'

const publicRoots = (): readonly X509Certificate[] => rootCertificates.map((pem) => new X509Certificate(pem))

function momentOf({ clock }: Surroundings, text: string | undefined): Instant {
  const at = text === undefined ? clock.now() : fromWireTime(text)
  if (at === null) throw wrongUsage(`--at wants an RFC 3339 time such as 2027-01-31T12:00:00Z, not ${text}.`)
  return at
}

/** `12.5%` or `0.125`. */
function shareOf(option: string, text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)(%?)$/.exec(text)
  const share = match === null ? -1 : Number(match[1]) / (match[2] === '%' ? 100 : 1)
  if (share < 0 || share > 1) throw wrongUsage(`${option} is a share such as 12.5% or 0.125, not ${text}.`)
  return share
}

/** A few at a time: it must not look like an attack, nor run out of sockets. In the order of the targets. */
async function checkedAll(
  targets: readonly CheckTarget[],
  rules: CheckRules,
): Promise<readonly CheckResult[]> {
  const results: (readonly CheckResult[])[] = []
  const queue = [...targets.entries()]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results[next[0]] = await checkTarget(next[1], rules)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results.flat()
}

function print(
  surroundings: Surroundings,
  options: CheckOptions,
  report: CheckReport,
  rules: CheckRules,
): void {
  const printer = createPrinter(surroundings, options.json === true)
  printer.data(report)
  printer.text(options.nagios === true ? nagiosLine(report, rules) : checkText(report, printer.strong))
}
