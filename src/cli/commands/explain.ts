import type { Enrollment, Explanation } from '../answers.ts'
import type { ChangeKey } from '../change-key.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { chosenChange, findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { showStatus, showTime, waitsForText } from '../output.ts'
import { facts, table } from '../table.ts'

interface ExplainOptions extends CommonOptions {
  readonly change?: string
}

export const addExplain: AddCommand = (program, context) => {
  withConnection(program.command('explain'))
    .description('explain what a change waits for, who can move it and how, and what it has been through')
    .argument('<enrollment>', 'id or common name')
    .option('--change <id>', 'another change than the open one')
    .action((reference: string, options: ExplainOptions) =>
      connected(context, options, async ({ session, printer }) => {
        const enrollment = await findEnrollment(session.calls, reference)
        const key = chosenChange(enrollment, options.change)
        if (key === null) throw nothingOpen(enrollment)
        const explanation = await session.calls.explain(key)
        printer.data(explanation)
        printer.text(explanationText(enrollment, key, explanation, printer.strong))
        return EXIT.done
      }),
    )
}

const nothingOpen = (enrollment: Enrollment): Failure =>
  new Failure({
    title: 'No change is open',
    detail: `Nothing goes on for ${enrollment.csr.cn} (${enrollment.id}). certrail plan ${enrollment.id} says what comes next and what stands in its way; name an earlier change with --change.`,
  })

function explanationText(
  enrollment: Enrollment,
  key: ChangeKey,
  explanation: Explanation,
  strong: (text: string) => string,
): string {
  const rows: [string, string | null | undefined][] = [
    ['now', explanation.step],
    ['since', explanation.since && showTime(explanation.since)],
    ['waits for', waitsForText(explanation)],
    ['who can move it', explanation.moves.map((move) => `${move.who}: ${move.how}`).join('\n')],
    ['until', explanation.until && showTime(explanation.until)],
    ['otherwise', explanation.otherwise],
    ['not carried out', explanation.notEnforced.join('\n')],
    ['cannot be proven as before', explanation.lostNames.map(({ text, act }) => `${text} ${act}`).join('\n')],
    ['findings', explanation.findings.map((finding) => `${finding.id}: ${finding.text}`).join('\n')],
  ]
  const head = `${enrollment.csr.cn} (enrollment ${enrollment.id}), change ${key.changeId}\n`
  const said = facts(rows.filter((row): row is [string, string] => Boolean(row[1])))
  const tables = timelineText(explanation, strong) + handshakesText(explanation, strong)
  const compared = comparisonText(explanation, strong)
  return head + said + validationsText(explanation) + tables + compared + documentText(explanation)
}

/** What is to be placed for each name that is not valid yet, and why it is not. */
function validationsText({ validations, failedLooks }: Explanation): string {
  const open = validations.filter(({ status }) => status !== 'Valid')
  const parts = open.map(({ domain, status, error, challenges }) => {
    const placed = challenges.map(
      ({ type, fullPath, responseBody }) => `  ${type}  ${fullPath}\n    ${responseBody}\n`,
    )
    const before = failedLooks.find((failed) => failed.domain === domain)
    const why = error ?? (before && `the values before these failed: ${before.error}`)
    return `\n${domain}: ${status}${why ? ` (${why})` : ''}\n${placed.join('')}`
  })
  return parts.join('')
}

/** What clients would see differently in production. */
function comparisonText({ comparison }: Explanation, strong: (text: string) => string): string {
  if (!comparison) return ''
  const { differences, clients, note, production } = comparison
  const said = differences.map(({ id, text }) => `${id}: ${text}`)
  const nothing = NOTHING_COMPARED[production] ?? 'Clients of production would see no difference.'
  const lines = [...(said.length === 0 ? [nothing] : said), ...(note ? [note] : [])]
  const rows = clients.map((each) => [each.client, each.staging, each.production])
  return `\nStaging next to production:\n${lines.join('\n')}\n\n${table(['client', 'staging', 'production'], rows, strong)}`
}

const NOTHING_COMPARED: Readonly<Record<string, string>> = {
  silent: 'Production answers nobody for these names yet.',
  unreachable: 'Production could not be seen.',
}

/** What an acknowledgement would be of. */
function documentText({ document }: Explanation): string {
  if (document === undefined || document === null) return ''
  return `\nThe hash of the acknowledgement covers:\n${JSON.stringify(document, null, 2)}\n`
}

function timelineText(explanation: Explanation, strong: (text: string) => string): string {
  if (explanation.timeline.length === 0) return ''
  const rows = explanation.timeline.map((entry) => [
    entry.at,
    entry.event,
    showStatus(entry.status),
    entry.state,
  ])
  return `\n${table(['at', 'event', 'status', 'state'], rows, strong)}`
}

function handshakesText(explanation: Explanation, strong: (text: string) => string): string {
  if (explanation.handshakes.length === 0) return ''
  const rows = explanation.handshakes.map((seen) => [
    seen.network,
    seen.address,
    seen.serverName,
    seen.protocol,
    seen.serialNumber,
  ])
  return `\n${table(['network', 'address', 'name', 'protocol', 'serial'], rows, strong)}`
}
