import type { KnownAuthority } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

export const addAuthorities: AddCommand = (program, context) => {
  withConnection(program.command('authorities'))
    .description('list the CA accounts of live mode, and whether their CAs answer')
    .action((options: CommonOptions) =>
      connected(context, options, async ({ session, printer }) => {
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
  authority.reason ?? '-',
  authority.directory,
]

function timeOf({ limitedUntil, downSince }: KnownAuthority): string {
  if (limitedUntil !== null) return `until ${showTime(limitedUntil)}`
  return downSince === null ? '-' : `since ${showTime(downSince)}`
}
