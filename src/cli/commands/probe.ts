import { resolve } from 'node:path'
import { Option } from 'commander'
import { NETWORKS, type Network } from '../../domain/network.ts'
import { fromWireTime } from '../../domain/time.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import type { AllowedTargets } from '../../outbound/addresses.ts'
import { type Home, readReady, requireReady } from '../home.ts'
import { showTimeFrom } from '../output.ts'
import { type ProbeReport, probeName, probeRoots } from '../probe-name.ts'
import { createListFetch, type RevocationStanding } from '../revocation-look.ts'
import type { Surroundings } from '../surroundings.ts'
import { facts } from '../table.ts'

interface ProbeOptions extends CommonOptions {
  readonly network: Network
  readonly address?: string
  readonly crl: boolean
}

export const addProbe: AddCommand = (program, context) => {
  withConnection(program.command('probe'))
    .description('make a TLS handshake for a name and judge the certificate by the lifecycle clock')
    .argument('<name>', 'the name to ask for')
    .addOption(
      new Option('--network <network>', 'whose address to ask').choices([...NETWORKS]).default('production'),
    )
    .option('--address <host:port>', 'ask here instead of the address in ready.json')
    .option('--no-crl', 'leave revocation lists alone')
    .addHelpText(
      'after',
      '\nExit code 0: served and valid. 1: not served, revoked, or not valid at lifecycle time.\n',
    )
    .action((name: string, options: ProbeOptions) =>
      connected(context, options, async ({ session, printer, surroundings }) => {
        const cacert =
          options.cacert === undefined ? undefined : resolve(surroundings.workingDirectory, options.cacert)
        const report = await probeName({
          name,
          network: options.address === undefined ? options.network : null,
          address: options.address ?? requireReady(session.home)[options.network],
          roots: probeRoots(session.home, cacert),
          at: await session.calls.lifecycleNow(),
          fetchList: options.crl ? createListFetch(targetsOf(session.home, surroundings)) : null,
        })
        printer.data(report)
        printer.text(reportText(report))
        return report.valid ? EXIT.done : EXIT.failed
      }),
    )
}

/** Where a certificate points is somebody else's word: as everywhere, it leads to public addresses, and in a sandbox to this machine. */
function targetsOf(home: Home, { environment }: Surroundings): AllowedTargets {
  if (environment['CERTRAIL_ALLOW_PRIVATE_TARGETS'] === 'true') return 'any'
  return readReady(home)?.mode === 'live' ? 'public' : 'loopback'
}

const lineOf = ({ subject, detail }: RevocationStanding): string => `${subject}: ${detail}`

function reportText(report: ProbeReport): string {
  const where = report.network === null ? report.address : `${report.network} (${report.address})`
  const verdict = report.valid ? 'served and valid' : report.served ? 'served, but NOT valid' : 'NOT served'
  const head = `${report.name} on ${where}: ${verdict}\n`
  const problems: [string, string][] =
    report.problems.length === 0 ? [] : [['because', report.problems.join('\n')]]
  if (report.handshake === null) return head + facts(problems)
  const seen = report.handshake
  const now = fromWireTime(report.judgedAt)
  const moment = (wire: string): string => (now === null ? wire : showTimeFrom(wire, now))
  return (
    head +
    facts([
      ...problems,
      ['protocol', `${seen.protocol}, ${seen.cipher}`],
      ['names', seen.names.join(', ')],
      ['serial', seen.serialNumber],
      ['issued by', seen.issuer],
      ['valid from', moment(seen.notBefore)],
      ['valid to', moment(seen.notAfter)],
      ['judged at', `${report.judgedAt} (lifecycle clock)`],
      ['chain', seen.chain.join(' < ')],
      ...(report.revocation.length === 0
        ? []
        : [['revocation', report.revocation.map(lineOf).join('\n')] as [string, string]]),
    ])
  )
}
