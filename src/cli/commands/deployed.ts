import { resolve } from 'node:path'
import { type AddCommand, type CommonOptions, type Running, connected, withConnection } from '../context.ts'
import { NETWORKS } from '../../domain/network.ts'
import { type DeployedReport, deployedReport } from '../deployed-report.ts'
import { findEnrollmentByAnyName } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { readReady } from '../home.ts'
import { showNames, showTimeFrom } from '../output.ts'
import { probeRoots } from '../probe-name.ts'
import { table } from '../table.ts'
import type { Instant } from '../../domain/time.ts'

export const addDeployed: AddCommand = (program, context) => {
  withConnection(program.command('deployed'))
    .description('show what each network should serve for an enrollment, and what a handshake sees right now')
    .argument('<enrollment>', 'id, common name, or any of its names')
    .addHelpText(
      'after',
      '\nExit code 1 when a handshake sees something else than what is deployed, or an invalid certificate.\n',
    )
    .action((reference: string, options: CommonOptions) =>
      connected(context, options, (running) => deployed(running, reference, options)),
    )
}

async function deployed(running: Running, reference: string, options: CommonOptions): Promise<number> {
  const { session, printer, surroundings } = running
  const enrollment = await findEnrollmentByAnyName(session.calls, reference)
  const [deployments, now] = await Promise.all([
    session.calls.deployments(enrollment.id),
    session.calls.lifecycleNow(),
  ])
  const ready = readReady(session.home)
  const cacert =
    options.cacert === undefined ? undefined : resolve(surroundings.workingDirectory, options.cacert)
  const reports = await Promise.all(
    NETWORKS.map((network) =>
      deployedReport({
        network,
        deployment: deployments[network] ?? null,
        serverName: /^\d+$/.test(reference) ? enrollment.csr.cn : reference,
        address: ready?.[network] ?? null,
        roots: () => probeRoots(session.home, cacert),
        at: now,
      }),
    ),
  )
  printer.data({ enrollmentId: enrollment.id, commonName: enrollment.csr.cn, networks: reports })
  printer.text(`${enrollment.csr.cn} (enrollment ${enrollment.id})\n\n`)
  printer.text(
    table(
      HEADER,
      reports.flatMap((report) => rowsOf(report, now)),
      printer.strong,
    ),
  )
  return reports.every((report) => report.agrees) ? EXIT.done : EXIT.failed
}

const HEADER = ['network', 'key', 'serial', 'valid to', 'names', 'seen right now']

function rowsOf(report: DeployedReport, now: Instant): readonly (readonly string[])[] {
  if (report.certificates.length === 0)
    return [[report.network, '-', 'nothing deployed', '-', '-', report.seen]]
  return report.certificates.map((certificate, index) => [
    report.network,
    certificate.keyAlgorithm ?? '-',
    certificate.serialNumber,
    showTimeFrom(certificate.expiry, now),
    showNames(certificate.names),
    index === 0 ? report.seen : '',
  ])
}
