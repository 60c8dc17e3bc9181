import type { KnownOrganization } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

export const addOrganizations: AddCommand = (program, context) => {
  withConnection(program.command('organizations'))
    .description(
      'list the organizations that were checked for OV or EV: what orgId of an enrollment may name',
    )
    .action((options: CommonOptions) =>
      connected(context, options, async ({ session, printer }) => {
        const organizations = await session.calls.organizations()
        printer.data({ organizations })
        printer.text(
          organizations.length === 0
            ? 'No organizations yet. The first OV or EV certificate of one makes it known.\n'
            : table(HEADER, organizations.map(rowOf), printer.strong),
        )
        return EXIT.done
      }),
    )
}

const HEADER = ['id', 'name', 'country', 'checked', 'until']

const rowOf = ({ id, name, country, validations: [newest] }: KnownOrganization): readonly string[] => [
  String(id),
  name ?? '-',
  country ?? '-',
  newest?.status ?? '-',
  newest === undefined ? '-' : showTime(newest.validatedUntil),
]
