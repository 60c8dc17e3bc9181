import { type Command, Option } from 'commander'
import { NETWORKS } from '../../domain/network.ts'
import type { Pause } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, type Running, withConnection } from '../context.ts'
import type { PauseScope } from '../edge-calls.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { wrongUsage } from '../failure.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

interface PauseOptions extends CommonOptions {
  readonly installation?: boolean
  readonly network?: string
  readonly reason?: string
}

const withScope = (command: Command): Command =>
  withConnection(command)
    .argument('[enrollment]', 'id or common name; without it the whole account')
    .option('--installation', 'every account, for those who run the installation')
    .addOption(new Option('--network <network>', 'of this network alone').choices([...NETWORKS]))

export const addPause: AddCommand = (program, context) => {
  withScope(program.command('pause'))
    .description('let nothing new reach a network until it is resumed; certificates are issued all the same')
    .option('--reason <text>', 'why, for whoever asks')
    .addHelpText('after', EXPLANATION)
    .action((reference: string | undefined, options: PauseOptions) =>
      connected(context, options, async (running) => {
        const scope = await scopeOf(running, reference, options)
        return shown(running, await running.session.calls.pause(scope, options.reason ?? ''))
      }),
    )
}

const EXPLANATION = `
What has begun on a network is finished, and a rollback is allowed. What waits stands at
wait-deployment-schedule, where it can be cancelled. A pause has no end of its own: certrail plan says until
when what production serves is safe, and it is told loudly when that has passed.
`

export const addResume: AddCommand = (program, context) => {
  withScope(program.command('resume'))
    .description('end a pause: what waited goes on at once, as far as no other pause covers it')
    .action((reference: string | undefined, options: PauseOptions) =>
      connected(context, options, async (running) =>
        shown(running, await running.session.calls.resume(await scopeOf(running, reference, options))),
      ),
    )
}

export const addPauses: AddCommand = (program, context) => {
  withConnection(program.command('pauses'))
    .description('list what is paused of the account, and of the installation')
    .action((options: CommonOptions) =>
      connected(context, options, async (running) => shown(running, await running.session.calls.pauses())),
    )
}

async function scopeOf(
  { session: { calls } }: Running,
  reference: string | undefined,
  { installation = false, network }: PauseOptions,
): Promise<PauseScope> {
  if (reference !== undefined && installation)
    throw wrongUsage('Name an enrollment or say --installation, not both.')
  const at = { installation, ...(network !== undefined && { network }) }
  return reference === undefined ? at : { ...at, enrollmentId: (await findEnrollment(calls, reference)).id }
}

function shown({ printer }: Running, pauses: readonly Pause[]): number {
  printer.data({ pauses })
  const rows = pauses.map((pause) => [
    pause.enrollmentId === null ? pause.of : `enrollment ${pause.enrollmentId}`,
    pause.network ?? 'both',
    showTime(pause.pausedAt),
    pause.reason === '' ? '-' : pause.reason,
  ])
  printer.text(
    rows.length === 0
      ? 'Nothing is paused.\n'
      : table(['paused', 'network', 'since', 'why'], rows, printer.strong),
  )
  return EXIT.done
}
