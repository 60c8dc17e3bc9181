import { X509Certificate } from 'node:crypto'
import { Option } from 'commander'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import type { CertificateHistory, ChangeHistory, DvHistory, HistoricCertificate } from '../input-answers.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

interface HistoryOptions extends CommonOptions {
  readonly changes?: boolean
  readonly certificates?: boolean
  readonly dv?: boolean
}

export const addHistory: AddCommand = (program, context) => {
  withConnection(program.command('history'))
    .description('show the past of an enrollment, newest first: its changes unless told otherwise')
    .argument('<enrollment>', 'id or common name')
    .addOption(new Option('--changes', 'its changes (default)').conflicts(['certificates', 'dv']))
    .addOption(new Option('--certificates', 'all certificates it ever had').conflicts('dv'))
    .option('--dv', 'every validation of every name')
    .action((reference: string, options: HistoryOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        const { id, csr } = await findEnrollment(calls, reference)
        const { document, header, rows } = await readHistory(options, {
          changes: () => calls.changeHistory(id),
          certificates: () => calls.certificateHistory(id),
          validations: () => calls.dvHistory(id),
        })
        printer.data(document)
        printer.text(`${csr.cn} (enrollment ${id})\n`)
        printer.text(rows.length === 0 ? 'Nothing yet.\n' : `\n${table(header, rows, printer.strong)}`)
        return EXIT.done
      }),
    )
}

interface History {
  readonly document: unknown
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

interface Sources {
  readonly changes: () => Promise<ChangeHistory>
  readonly certificates: () => Promise<CertificateHistory>
  readonly validations: () => Promise<DvHistory>
}

async function readHistory({ certificates, dv }: HistoryOptions, sources: Sources): Promise<History> {
  if (certificates === true) {
    const document = await sources.certificates()
    return { document, header: CERTIFICATES, rows: document.certificates.flatMap(certificateRows) }
  }
  if (dv === true) {
    const document = await sources.validations()
    return { document, header: VALIDATIONS, rows: validationRows(document) }
  }
  const document = await sources.changes()
  return { document, header: CHANGES, rows: document.changes.map(changeRow) }
}

const CHANGES = ['created', 'action', 'status', 'by', 'last updated', 'certificates']

const changeRow = (change: ChangeHistory['changes'][number]): readonly string[] => [
  showTime(change.createdOn),
  change.action,
  change.status,
  change.createdBy || '-',
  timeOrDash(change.lastUpdated),
  certificatesIn(change)
    .map(
      ({ keyAlgorithm, certificate }) => `${serialOf(certificate)}${keyAlgorithm ? ` ${keyAlgorithm}` : ''}`,
    )
    .join(', ') || '-',
]

const CERTIFICATES = ['serial', 'key', 'expires', 'staging', 'production', 'by']

const certificateRows = (entry: CertificateHistory['certificates'][number]): readonly string[][] =>
  certificatesIn(entry).map(({ certificate, expiry, keyAlgorithm }) => [
    serialOf(certificate),
    keyAlgorithm || '-',
    timeOrDash(expiry),
    entry.stagingStatus || '-',
    entry.deploymentStatus || '-',
    entry.ra || '-',
  ])

const VALIDATIONS = ['asked for', 'name', 'status', 'validated', 'expires', 'error']

/** The API tells them name by name; here all stand in one order. */
const validationRows = ({ results }: DvHistory): readonly (readonly string[])[] =>
  results
    .flatMap(({ domain, domainHistory }) => domainHistory.map((entry) => ({ domain, ...entry })))
    .sort((one, other) => Date.parse(other.requestTimestamp) - Date.parse(one.requestTimestamp))
    .map((entry) => [
      timeOrDash(entry.requestTimestamp),
      entry.domain,
      entry.status || '-',
      timeOrDash(entry.validatedTimestamp),
      timeOrDash(entry.expires),
      entry.error || '-',
    ])

function certificatesIn(entry: {
  readonly primaryCertificate?: HistoricCertificate | null | undefined
  readonly multiStackedCertificates: readonly HistoricCertificate[]
}): readonly HistoricCertificate[] {
  const all = [entry.primaryCertificate, ...entry.multiStackedCertificates]
  return all.filter((certificate): certificate is HistoricCertificate => Boolean(certificate?.certificate))
}

function serialOf(pem: string | null | undefined): string {
  try {
    return new X509Certificate(pem ?? '').serialNumber
  } catch {
    return 'unreadable'
  }
}

const timeOrDash = (wire: string | null | undefined): string => (wire ? showTime(wire) : '-')
