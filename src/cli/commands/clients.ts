import { Argument, Option } from 'commander'
import type { Client } from '../answers.ts'
import type { Calls } from '../calls.ts'
import { clientOf, endOf, showClients } from '../clients-report.ts'
import { type AddCommand, type CommonOptions, connected, type Running, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { wrongUsage } from '../failure.ts'
import { CLIENT_ROLES } from '../operator-calls.ts'

interface ClientsOptions extends Omit<CommonOptions, 'section'> {
  readonly role?: (typeof CLIENT_ROLES)[number]
  readonly account?: string
  readonly section?: string
  readonly name?: string
  readonly expires?: string
  readonly token?: string
  readonly signingSection?: string
}

/** Here `--section` names the new section, so the one that signs has another option than elsewhere. */
const SIGNING_SECTION = [
  '--signing-section <name>',
  'section of the edgerc that makes the call (default: default)',
] as const

const WHAT = ['create', 'list', 'rotate', 'retire', 'disable', 'enable', 'expire'] as const
type What = (typeof WHAT)[number]

export const addClients: AddCommand = (program, context) => {
  withConnection(program.command('clients'), SIGNING_SECTION)
    .description('make API clients, rotate their credentials, and see when each was used last')
    .addArgument(new Argument('<what>', 'what to do').choices([...WHAT]))
    .argument('[client]', 'id or name of the client, for all but create and list')
    .addOption(new Option('--role <role>', 'create: what it may do').choices([...CLIENT_ROLES]))
    .option('--account <id>', 'account it belongs to (default: that of the caller)')
    .option('--section <name>', 'create, rotate: name of the section that is printed (default: default)')
    .option('--name <name>', 'create: how lists and the audit log call it')
    .option('--expires <when>', 'create, rotate, expire: a time, a duration such as 90d, or never')
    .option('--token <token>', 'retire: which of its client tokens')
    .addHelpText('after', EXAMPLE)
    .action((what: What, client: string | undefined, { section, signingSection, ...options }) => {
      const given: ClientsOptions = { ...options, ...(section === undefined ? {} : { section }) }
      requireUsage(what, client, given)
      const signing = signingSection === undefined ? {} : { section: signingSection }
      return connected(context, { ...options, ...signing }, async (running) => {
        const account = options.account ?? (await running.session.calls.ownAccount())
        await perform(what, { running, account, client: client ?? '', options: given })
        return EXIT.done
      })
    })
}

const EXAMPLE = `
Only administrators do this. A secret is shown once, as a section of an edgerc. To rotate without a gap: rotate, put the new section
where the old one is in use, look at list until the old token is used no more, retire it.
  certrail clients create --role read-only --section reports >> ~/.edgerc
  certrail clients list
  certrail clients rotate pipeline --section pipeline > new.edgerc
  certrail clients retire pipeline --token certrail-ct-…
  certrail clients expire pipeline --expires 90d
`

function requireUsage(
  what: What,
  client: string | undefined,
  { role, token, expires }: ClientsOptions,
): void {
  const needsClient = what !== 'create' && what !== 'list'
  if (needsClient !== (client !== undefined))
    throw wrongUsage(needsClient ? `${what} wants the id or name of a client.` : `${what} takes no client.`)
  if ((what === 'create') !== (role !== undefined))
    throw wrongUsage(what === 'create' ? 'create wants --role.' : '--role belongs to create.')
  if ((what === 'retire') !== (token !== undefined))
    throw wrongUsage(what === 'retire' ? 'retire wants --token.' : '--token belongs to retire.')
  if (what === 'expire' && expires === undefined) throw wrongUsage('expire wants --expires.')
}

interface Task {
  readonly running: Running
  readonly account: string
  readonly client: string
  readonly options: ClientsOptions
}

async function perform(what: What, task: Task): Promise<void> {
  const { running, account, options } = task
  const { calls } = running.session
  const end =
    options.expires === undefined ? {} : { expiresAt: endOf(options.expires, running.surroundings.clock) }
  const section = options.section === undefined ? {} : { section: options.section }
  if (what === 'list') {
    const clients = await calls.clients(account)
    running.printer.data({ clients })
    running.printer.text(showClients(clients))
  } else if (what === 'create' && options.role !== undefined) {
    const name = options.name === undefined ? {} : { name: options.name }
    await printSection(
      running,
      calls.createClient(account, { role: options.role, ...section, ...name, ...end }),
    )
  } else {
    const { id } = clientOf(await calls.clients(account), task.client)
    if (what === 'rotate')
      return printSection(running, calls.addCredential(account, id, { ...section, ...end }))
    printClient(running, await changed(what, calls, { account, id, end, token: options.token ?? '' }))
  }
}

function changed(
  what: What,
  calls: Calls,
  { account, id, end, token }: { account: string; id: string; end: object; token: string },
): Promise<Client> {
  if (what === 'retire') return calls.retireCredential(account, id, token)
  return calls.changeClient(account, id, what === 'expire' ? end : { disabled: what === 'disable' })
}

async function printSection(
  { printer }: Running,
  making: Promise<{ readonly edgerc: string }>,
): Promise<void> {
  const made = await making
  printer.data(made)
  printer.text(made.edgerc.endsWith('\n') ? made.edgerc : `${made.edgerc}\n`)
}

function printClient({ printer }: Running, client: Client): void {
  printer.data(client)
  printer.text(showClients([client]))
}
