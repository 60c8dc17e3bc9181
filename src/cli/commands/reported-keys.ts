import { Argument } from 'commander'
import { type AddCommand, type CommonOptions, connected, type Running, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { wrongUsage } from '../failure.ts'
import { textFile } from '../files.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

const WORDS = ['list', 'report', 'withdraw'] as const
type Word = (typeof WORDS)[number]

interface ReportedKeysOptions extends CommonOptions {
  readonly pem?: string
  readonly note?: string
}

export const addReportedKeys: AddCommand = (program, context) => {
  withConnection(program.command('reported-keys'))
    .description('list, report and withdraw keys that are compromised: nothing is issued with them any more')
    .addArgument(new Argument('[what]', 'what to do (default: list)').choices([...WORDS]))
    .argument('[sha256]', 'SHA-256 of the SubjectPublicKeyInfo, hexadecimal')
    .option('--pem <file>', 'with report: a certificate, signing request or public key, in its place')
    .option('--note <text>', 'with report: why')
    .addHelpText('after', EXPLANATION)
    .action((what: Word | undefined, sha256: string | undefined, options: ReportedKeysOptions) =>
      connected(context, options, (running) => ACTIONS[what ?? 'list']({ ...running, sha256, options })),
    )
}

const EXPLANATION = `
What serves with a reported key goes on serving: renew it, then revoke it with --reason key-compromise
(which reports its key by itself). A private key is never sent: report its certificate or its public key.
`

interface Asked extends Running {
  readonly sha256: string | undefined
  readonly options: ReportedKeysOptions
}

const ACTIONS: Readonly<Record<Word, (asked: Asked) => Promise<number>>> = { list, report, withdraw }

async function list({ session, printer }: Asked): Promise<number> {
  const reportedKeys = await session.calls.reportedKeys()
  printer.data({ reportedKeys })
  const rows = reportedKeys.map((one) => [
    one.sha256,
    one.everywhere ? 'all accounts' : 'this account',
    showTime(one.reportedAt),
    one.reportedBy,
    one.note ?? '',
  ])
  const header = ['SHA-256 of the key', 'holds for', 'since', 'reported by', 'note']
  printer.text(rows.length === 0 ? 'No key was reported.\n' : table(header, rows, printer.strong))
  return EXIT.done
}

async function report({ session, printer, surroundings, sha256, options }: Asked): Promise<number> {
  const { pem, note } = options
  if ((sha256 === undefined) === (pem === undefined))
    throw wrongUsage('certrail reported-keys report wants either the SHA-256 of the key or --pem FILE.')
  const reported = await session.calls.reportKey({
    ...(pem === undefined ? { sha256 } : { pem: textFile(surroundings, pem) }),
    ...(note === undefined ? {} : { note }),
  })
  printer.data(reported)
  const users = reported.usedBy.map((id) => `It is in use by enrollment ${id}: certrail renew ${id}\n`)
  printer.text(`Reported: ${reported.sha256}\n${users.join('')}`)
  return EXIT.done
}

async function withdraw({ session, printer, sha256 }: Asked): Promise<number> {
  if (sha256 === undefined) throw wrongUsage('certrail reported-keys withdraw wants the SHA-256 of the key.')
  await session.calls.withdrawKeyReport(sha256)
  printer.data({ withdrawn: sha256 })
  printer.text(`No longer reported: ${sha256}\n`)
  return EXIT.done
}
