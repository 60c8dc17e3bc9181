import type { KnownAuthority } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

interface AuthoritiesOptions extends CommonOptions {
  readonly rollKey?: string
  readonly force?: true
  readonly agreed?: string
}

export const addAuthorities: AddCommand = (program, context) => {
  withConnection(program.command('authorities'))
    .description(
      'list the CA accounts of live mode, and whether their CAs answer; or change the key of one, or say that what its CA wanted is done',
    )
    .option('--roll-key <name>', 'give the account of this name another key (RFC 8555 section 7.3.5)')
    .option('--force', 'with --roll-key: also while names of its orders are being validated')
    .option(
      '--agreed <name>',
      'say that you have done what the CA of this account wanted (RFC 8555 section 7.3.3): what waited goes on',
    )
    .action((options: AuthoritiesOptions) =>
      connected(context, options, async ({ session, printer }) => {
        if (options.rollKey !== undefined) {
          const authority = await session.calls.rollOverAuthorityKey(options.rollKey, options.force === true)
          printer.data(authority)
          printer.text(`The account ${authority.name} has another key; the old one is destroyed.\n`)
          return EXIT.done
        }
        if (options.agreed !== undefined) {
          const authority = await session.calls.agreeAtAuthority(options.agreed)
          printer.data(authority)
          printer.text(`The CA of ${authority.name} is asked again; what waited for it goes on.\n`)
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

function timeOf({ limitedUntil, downSince, action }: KnownAuthority): string {
  if (limitedUntil !== null) return `until ${showTime(limitedUntil)}`
  const since = action?.since ?? downSince
  return since === null ? '-' : `since ${showTime(since)}`
}
