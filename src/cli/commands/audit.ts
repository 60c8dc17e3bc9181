import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { Argument, InvalidArgumentError, Option } from 'commander'
import type { AuditLine } from '../../domain/audit/audit-entry.ts'
import { CHAIN_START, type ChainPosition, verifyAuditChain } from '../../domain/audit/verify-audit-chain.ts'
import { auditPages, auditPagesOfFile } from '../audit-pages.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { wrongUsage } from '../failure.ts'
import { createPrinter, type Printer } from '../output.ts'

interface AuditOptions extends CommonOptions {
  readonly anchor?: ChainPosition
  readonly after: number
}

export const addAudit: AddCommand = (program, context) => {
  withConnection(program.command('audit'))
    .description('check that the audit log of the account is whole, or export it as JSON lines')
    .addArgument(new Argument('<what>', 'what to do').choices(['verify', 'export']))
    .argument('[file]', 'with verify: an export to check instead of the log of the server')
    .addOption(
      new Option(
        '--anchor <id:hash>',
        'with verify: an entry that was noted before and has to be there',
      ).argParser(anchorOf),
    )
    .addOption(
      new Option('--after <id>', 'with export: only entries with a higher id')
        .argParser(idOf)
        .default(0, '0'),
    )
    .addHelpText('after', EXAMPLES)
    .action((what: 'verify' | 'export', file: string | undefined, options: AuditOptions) => {
      if (what === 'export' && file !== undefined)
        throw wrongUsage('an export goes to stdout: certrail audit export > FILE')
      if (what === 'export') {
        return connected(context, options, ({ session }) =>
          exportLines(auditPages(session.api, options.after), (text) =>
            context.surroundings.stdout.write(text),
          ),
        )
      }
      if (file === undefined) {
        return connected(context, options, ({ session, printer }) =>
          verify(auditPages(session.api, 0), options.anchor ?? null, printer),
        )
      }
      const { surroundings, finish } = context
      const printer = createPrinter(surroundings, options.json === true)
      const pages = auditPagesOfFile(resolve(surroundings.workingDirectory, file))
      return verify(pages, options.anchor ?? null, printer).then(finish)
    })
}

type Pages = AsyncIterable<readonly AuditLine[]>

async function exportLines(pages: Pages, write: (text: string) => void): Promise<number> {
  for await (const page of pages) write(page.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return EXIT.done
}

async function verify(pages: Pages, anchor: ChainPosition | null, printer: Printer): Promise<number> {
  let end = CHAIN_START
  let anchored = anchor === null
  for await (const page of pages) {
    const verdict = verifyAuditChain(page, sha256, end)
    if (!verdict.ok) return altered(printer, verdict.firstAltered, verdict.reason)
    const there = page.find(({ id }) => id === anchor?.id)
    if (there !== undefined && there.hash !== anchor?.hash) {
      return altered(
        printer,
        there.id,
        'Its hash is not the one that was noted: the log was rewritten here or before.',
      )
    }
    anchored ||= there !== undefined
    end = verdict.end
  }
  if (!anchored)
    return altered(printer, end.id + 1, `The log ends before entry ${anchor?.id}, which was noted.`)
  printer.data({ ok: true, entries: end.id, end })
  printer.text(
    end.id === 0
      ? 'The audit log is empty.\n'
      : `The audit log is whole: ${end.id} entries.\nTo know a later rewriting or shortening, note its end: ${end.id}:${end.hash}\n`,
  )
  return EXIT.done
}

function altered(printer: Printer, firstAltered: number, reason: string): number {
  printer.data({ ok: false, firstAltered, reason })
  printer.text(`The audit log was altered. First altered entry: ${firstAltered}. ${reason}\n`)
  return EXIT.failed
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function anchorOf(text: string): ChainPosition {
  const match = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text)
  if (match === null) throw new InvalidArgumentError('It is the id of an entry, a colon, and its hash.')
  return { id: Number(match[1]), hash: match[2] ?? '' }
}

function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is the id of an entry.')
  return Number(text)
}

const EXAMPLES = `
Only administrators of the account read its log. An entry's hash covers the entry and the hash before it.
  certrail audit verify                  judge the log of the server; exit code 1 names the first altered entry
  certrail audit export > audit.jsonl    keep a copy
  certrail audit verify audit.jsonl      judge the copy, without a server
`
