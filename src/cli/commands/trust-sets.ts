import { Argument, Option } from 'commander'
import { NETWORKS } from '../../domain/network.ts'
import type { TrustChainSet } from '../answers.ts'
import {
  type AddCommand,
  type CommandContext,
  type CommonOptions,
  connected,
  type Running,
  withConnection,
} from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { wrongUsage } from '../failure.ts'
import { textFile } from '../files.ts'
import { showTime } from '../output.ts'
import { facts, table } from '../table.ts'

const WORDS = ['list', 'show', 'create', 'revise', 'activate', 'remove'] as const
type Word = (typeof WORDS)[number]

interface TrustSetsOptions extends CommonOptions {
  readonly name?: string
  readonly cert?: string
  readonly network?: string
  readonly revision?: string
}

export const addTrustSets: AddCommand = (program, context) => {
  withConnection(program.command('trust-sets'))
    .description('list and keep trust-chain sets: the authorities whose client certificates names ask for')
    .addArgument(new Argument('[what]', 'what to do (default: list)').choices([...WORDS]))
    .argument('[id]', 'the set; with create: an id of your own')
    .option('--name <text>', 'with create: how people call it')
    .option('--cert <file>', 'with create and revise: PEM certificates of authorities, one after another')
    .addOption(new Option('--network <network>', 'with activate: where').choices([...NETWORKS]))
    .option('--revision <number>', 'with activate: which one')
    .addHelpText('after', EXPLANATION)
    .action((what: Word | undefined, id: string | undefined, options: TrustSetsOptions) =>
      act(context, what ?? 'list', id, options),
    )
}

const EXPLANATION = `
An enrollment names a set as clientMutualAuthentication.setId of its networkConfiguration. A new set is
enforced at once; a revision first where it is activated:
  certrail trust-sets create --name Partners --cert partners.pem
  certrail trust-sets revise 10001 --cert more.pem
  certrail trust-sets activate 10001 --network staging --revision 2
`

const act = (
  context: CommandContext,
  what: Word,
  id: string | undefined,
  options: TrustSetsOptions,
): Promise<void> => {
  const needed = <Value>(value: Value | undefined, name: string): Value => {
    if (value !== undefined) return value
    throw wrongUsage(`certrail trust-sets ${what} wants ${name}.`)
  }
  return connected(context, options, (running) => ACTIONS[what]({ ...running, id, options, needed }))
}

interface Asked extends Running {
  readonly id: string | undefined
  readonly options: TrustSetsOptions
  /** Wrong usage where it is missing. */
  readonly needed: <Value>(value: Value | undefined, name: string) => Value
}

const setOf = ({ id, needed }: Asked): string => needed(id, 'the id of a set')
const pemOf = ({ surroundings, options, needed }: Asked): string =>
  textFile(surroundings, needed(options.cert, '--cert FILE'))

const ACTIONS: Readonly<Record<Word, (asked: Asked) => Promise<number>>> = {
  list,
  show: (asked) => show(asked, asked.session.calls.trustChainSet(setOf(asked))),
  create: (asked) => {
    const { id, options, needed, session } = asked
    const set = { name: needed(options.name, '--name TEXT'), certificates: pemOf(asked) }
    return show(asked, session.calls.createTrustChainSet({ ...set, ...(id !== undefined && { id }) }))
  },
  revise: (asked) => show(asked, asked.session.calls.reviseTrustChainSet(setOf(asked), pemOf(asked))),
  activate: (asked) => {
    const { options, needed, session } = asked
    const network = needed(options.network, '--network NETWORK')
    const revision = revisionOf(needed(options.revision, '--revision NUMBER'))
    return show(asked, session.calls.activateTrustChainSet(setOf(asked), network, revision))
  },
  remove: async (asked) => {
    const removed = setOf(asked)
    await asked.session.calls.removeTrustChainSet(removed)
    asked.printer.data({ removed })
    asked.printer.text(`Trust-chain set ${removed} is removed.\n`)
    return EXIT.done
  },
}

async function list({ session, printer }: Asked): Promise<number> {
  const trustChainSets = await session.calls.trustChainSets()
  printer.data({ trustChainSets })
  const rows = trustChainSets.map(({ id, name, active }) => [id, name, ...activeOf(active)])
  const header = ['id', 'name', 'staging', 'production']
  printer.text(rows.length === 0 ? 'No trust-chain sets yet.\n' : table(header, rows, printer.strong))
  return EXIT.done
}

async function show({ printer }: Asked, shown: Promise<TrustChainSet>): Promise<number> {
  const found = await shown
  printer.data(found)
  printer.text(setText(found, printer.strong))
  return EXIT.done
}

function revisionOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw wrongUsage(`--revision wants the number of a revision, not ${text}.`)
}

const activeOf = (active: TrustChainSet['active']): readonly string[] => [
  `revision ${active.staging}`,
  `revision ${active.production}`,
]

function setText(set: TrustChainSet, strong: (text: string) => string): string {
  const [staging = '', production = ''] = activeOf(set.active)
  const rows = set.revisions.flatMap(({ revision, certificates }) =>
    certificates.map(({ subject, fingerprint, notAfter }) => [
      String(revision),
      subject,
      fingerprint.slice(0, 16),
      showTime(notAfter),
    ]),
  )
  const said: [string, string][] = [
    ['name', set.name],
    ['on staging', staging],
    ['on production', production],
    ['named by', set.enrollments.length === 0 ? 'no enrollment' : set.enrollments.join(', ')],
  ]
  return `trust-chain set ${set.id}\n${facts(said)}\n${table(['revision', 'authority', 'SHA-256', 'until'], rows, strong)}`
}
