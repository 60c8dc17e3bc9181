import type { Maintenance } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { jsonObjectFile } from '../files.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

interface MaintenanceOptions extends CommonOptions {
  readonly file?: string
}

export const addMaintenance: AddCommand = (program, context) => {
  withConnection(program.command('maintenance'))
    .description(
      'show, or replace, the windows and freezes of the account for what goes to production by itself',
    )
    .option('--file <path>', 'JSON that replaces them')
    .addHelpText('after', EXPLANATION)
    .action((options: MaintenanceOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        const maintenance = await (options.file === undefined
          ? calls.maintenance()
          : calls.setMaintenance(jsonObjectFile(context.surroundings, options.file)))
        printer.data(maintenance)
        printer.text(maintenanceText(maintenance, printer.strong))
        return EXIT.done
      }),
    )
}

const EXPLANATION = `
  {"windows": [{"cron": "0 22 * * 6", "timeZone": "Europe/Berlin", "durationMinutes": 120}],
   "freezes": [{"from": "2026-12-18T00:00:00Z", "until": "2027-01-04T00:00:00Z", "reason": "holidays"}]}

Renewals go to production inside a window and outside of every freeze, but never after the last moment
that is safe. What a person asks for or acknowledges goes at once.
`

function maintenanceText(
  { windows, freezes, conflicts }: Maintenance,
  strong: (text: string) => string,
): string {
  const opens = windows.map(({ cron, timeZone, durationMinutes }) => [
    cron,
    timeZone,
    `${durationMinutes} min`,
  ])
  const frozen = freezes.map(({ from, until, reason }) => [showTime(from), showTime(until), reason])
  return [
    opens.length === 0
      ? 'No windows: production may be touched at any time.\n'
      : table(['cron', 'time zone', 'for'], opens, strong),
    frozen.length === 0 ? '' : `\n${table(['frozen from', 'until', 'reason'], frozen, strong)}`,
    ...conflicts.map(({ enrollmentId, text }) => `CONFLICT of enrollment ${enrollmentId}: ${text}\n`),
  ].join('')
}
