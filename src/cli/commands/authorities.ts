import type { KnownAuthority } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

interface AuthoritiesOptions extends CommonOptions {
  readonly rollKey?: string
  readonly force?: true
}

export const addAuthorities: AddCommand = (program, context) => {
  withConnection(program.command('authorities'))
    .description('list the CA accounts of live mode, and whether their CAs answer; or change the key of one')
    .option('--roll-key <name>', 'give the account of this name another key (RFC 8555 section 7.3.5)')
    .option('--force', 'with --roll-key: also while names of its orders are being validated')
    .action((options: AuthoritiesOptions) =>
      connected(context, options, async ({ session, printer }) => {
        if (options.rollKey !== undefined) {
          const authority = await session.calls.rollOverAuthorityKey(options.rollKey, options.force === true)
          printer.data(authority)
          printer.text(`The account ${authority.name} has another key; the old one is destroyed.\n`)
          return EXIT.done
        }
        const authorities = await session.calls.authorities()
        printer.data({ authorities })
        printer.text(
          authorities.length === 0
            ? 'The sandbox has its own CA and no account elsewhere.\n'
            : table(HEADER, authorities.map(rowOf), printer.strong),
        )
        return EXIT.done
      }),
    )
}

const HEADER = ['name', 'for', 'state', 'time', 'reason', 'directory']

const rowOf = (authority: KnownAuthority): readonly string[] => [
  authority.name,
  authority.validationTypes.join(','),
  authority.state,
  timeOf(authority),
  authority.reason ??
    (authority.keyChanging === true ? 'a change of its key was begun: --roll-key goes on' : '-'),
  authority.directory,
]

function timeOf({ limitedUntil, downSince }: KnownAuthority): string {
  if (limitedUntil !== null) return `until ${showTime(limitedUntil)}`
  return downSince === null ? '-' : `since ${showTime(downSince)}`
}
