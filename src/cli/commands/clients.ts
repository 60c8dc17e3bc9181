import { Argument, Option } from 'commander'
import type { Calls } from '../calls.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { wrongUsage } from '../failure.ts'
import { CLIENT_ROLES } from '../operator-calls.ts'

interface ClientsOptions extends Omit<CommonOptions, 'section'> {
  readonly role: (typeof CLIENT_ROLES)[number]
  readonly account?: string
  readonly section?: string
  readonly name?: string
  readonly signingSection?: string
}

/** Here `--section` names the new section, so the one that signs has another option than elsewhere. */
const SIGNING_SECTION = [
  '--signing-section <name>',
  'section of the edgerc that makes the call (default: default)',
] as const

export const addClients: AddCommand = (program, context) => {
  withConnection(program.command('clients'), SIGNING_SECTION)
    .description('create an API client and print its section of an edgerc; its secret is shown this once')
    .addArgument(new Argument('<what>', 'what to do').choices(['create']))
    .addOption(new Option('--role <role>', 'what it may do').choices([...CLIENT_ROLES]).makeOptionMandatory())
    .option('--account <id>', 'account it belongs to (default: that of the caller)')
    .option('--section <name>', 'name of the section that is printed (default: default)')
    .option('--name <name>', 'how the audit log calls it')
    .addHelpText('after', EXAMPLE)
    .action((_what: string, { section, signingSection, ...options }: ClientsOptions) => {
      const signing = signingSection === undefined ? {} : { section: signingSection }
      return connected(context, { ...options, ...signing }, async ({ session: { calls }, printer }) => {
        const client = await calls.createClient(options.account ?? (await ownAccount(calls)), {
          role: options.role,
          ...(section === undefined ? {} : { section }),
          ...(options.name === undefined ? {} : { name: options.name }),
        })
        printer.data(client)
        printer.text(client.edgerc.endsWith('\n') ? client.edgerc : `${client.edgerc}\n`)
        return EXIT.done
      })
    })
}

const EXAMPLE = `
Only administrators do this.
  certrail clients create --role read-only --section reports >> ~/.edgerc
`

async function ownAccount(calls: Calls): Promise<string> {
  const account = await calls.ownAccount()
  if (account !== null) return account
  throw wrongUsage(
    'Say whose client it is with --account: nothing has been done on this account yet that would name it.',
  )
}
