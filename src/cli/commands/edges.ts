import { Argument } from 'commander'
import type { KnownEdge } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { showTime } from '../output.ts'
import { facts, table } from '../table.ts'

export const addEdges: AddCommand = (program, context) => {
  withConnection(program.command('edges'))
    .description('list every process that serves a network, and what it serves compared with the wish')
    .addArgument(new Argument('[what]', 'what to do (default: list)').choices(['list']))
    .addHelpText('after', EXPLANATION)
    .action((_what: string | undefined, options: CommonOptions) =>
      connected(context, options, async ({ session, printer }) => {
        const edges = await session.calls.edges()
        printer.data({ edges })
        printer.text(edges.length === 0 ? 'No edge was ever heard.\n' : edgesText(edges, printer.strong))
        return EXIT.done
      }),
    )
}

const EXPLANATION = `
serving: what it serves is the wish.   behind: not yet, or it cannot.   away: the server beside it does not answer.
silent: its process is not heard.      unknown: it has not said yet.    For those who run the installation.
`

const HEADER = ['edge', 'network', 'kind', 'state', 'names', 'addresses', 'last probe']

const edgesText = (edges: readonly KnownEdge[], strong: (text: string) => string): string =>
  table(HEADER, edges.map(rowOf), strong) + edges.map(details).join('')

const rowOf = (edge: KnownEdge): readonly string[] => [
  edge.id,
  edge.network,
  edge.kind ?? '-',
  edge.state,
  `${edge.servedNames ?? '?'} of ${edge.wishedNames}`,
  edge.addresses.join(' '),
  edge.lastProbe === null
    ? '-'
    : `${showTime(edge.lastProbe.at)} ${edge.lastProbe.serverName} (${edge.lastProbe.protocol})`,
]

function details({ id, version, capabilities, fault }: KnownEdge): string {
  const known: [string, string][] = []
  if (version !== null) known.push(['version', version])
  if (capabilities.length > 0) known.push(['can', capabilities.join(', ')])
  if (fault !== null) known.push(['fault', fault])
  return known.length === 0 ? '' : `\n${id}\n${facts(known)}`
}
