import { type Command, InvalidArgumentError } from 'commander'
import type { Generations } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, type Running, withConnection } from '../context.ts'
import type { GenerationWish } from '../edge-calls.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

interface GenerationOptions extends CommonOptions {
  readonly generation?: number
  readonly reason?: string
}

const withName = (command: Command): Command =>
  withConnection(command).argument('<enrollment>', 'id or common name')

const withWish = (command: Command): Command =>
  withName(command)
    .option('--generation <number>', 'as certrail generations counts them', generationNumber)
    .option('--reason <text>', 'why, for whoever asks')

function generationNumber(text: string): number {
  const number = Number(text)
  if (/^\d{1,7}$/.test(text) && number >= 1) return number
  throw new InvalidArgumentError('It is a whole number from 1.')
}

export const addRollback: AddCommand = (program, context) => {
  withWish(program.command('rollback'))
    .description('let production serve the generation before, or another one, and pin it there')
    .addHelpText('after', ROLLBACK)
    .action((reference: string, options: GenerationOptions) =>
      connected(context, options, async (running) => {
        const { calls } = running.session
        const { id } = await findEnrollment(calls, reference)
        const after = await calls.rollBack(id, wishOf(options))
        const isServed = after.live === after.pin?.generation
        shown(running, after)
        if (!isServed) running.printer.text('It is under way: certrail generations says when it is served.\n')
        return EXIT.done
      }),
    )
}

const ROLLBACK = `
Without --generation it is the newest one before what is live that may be served again: valid, not past its last
safe moment, not revoked, its key there and not reported. It is served at once, proven in full handshakes, and
pinned: what is older is due for renewal, and that renewal would undo the rollback. certrail unpin ends it.
There is no --force: what clients refuse, or what somebody else may serve too, helps nobody.
`

export const addPin: AddCommand = (program, context) => {
  withWish(program.command('pin'))
    .description('let production keep the generation that it serves')
    .addHelpText('after', PIN)
    .action((reference: string, options: GenerationOptions) =>
      connected(context, options, async (running) => {
        const { calls } = running.session
        const { id } = await findEnrollment(calls, reference)
        return shown(running, await calls.pin(id, wishOf(options)))
      }),
    )
}

const PIN = `
Renewals are issued and staged all the same; at production they wait at wait-deployment-schedule, where they can be
cancelled. At the last safe moment of what is served the pin gives way, so that nothing expired is served.
--generation makes sure that it is this one: another one is refused, and rollback goes there.
`

export const addUnpin: AddCommand = (program, context) => {
  withName(program.command('unpin'))
    .description('end a pin: what waited goes on at once, as far as no pause covers it')
    .action((reference: string, options: CommonOptions) =>
      connected(context, options, async (running) => {
        const { calls } = running.session
        const { id } = await findEnrollment(calls, reference)
        return shown(running, await calls.unpin(id))
      }),
    )
}

export const addGenerations: AddCommand = (program, context) => {
  withName(program.command('generations'))
    .description('list what production served, and what stands in the way of going back')
    .action((reference: string, options: CommonOptions) =>
      connected(context, options, async (running) => {
        const { calls } = running.session
        const { id } = await findEnrollment(calls, reference)
        return shown(running, await calls.generations(id))
      }),
    )
}

const wishOf = ({ generation, reason = '' }: GenerationOptions): GenerationWish => ({
  generation: generation ?? null,
  reason,
})

function shown({ printer }: Running, { pin, generations, ...rest }: Generations): number {
  printer.data({ ...rest, pin, generations })
  const rows = generations.map((each) => [
    String(each.generation),
    each.isLive ? 'live' : each.obstacles.length === 0 ? 'ready' : 'no',
    each.provenAt === null ? '-' : showTime(each.provenAt),
    each.certificates.map(({ serialNumber }) => serialNumber).join(' '),
    each.obstacles.join(', and ') || '-',
  ])
  const header = ['generation', 'state', 'proven', 'serial', 'why not']
  printer.text(rows.length === 0 ? 'Production served nothing yet.\n' : table(header, rows, printer.strong))
  if (pin !== null) printer.text(pinText(pin))
  return EXIT.done
}

const pinText = ({ generation, givesWayAt }: NonNullable<Generations['pin']>): string =>
  `Pinned to generation ${generation}.${givesWayAt === null ? '' : ` At ${showTime(givesWayAt)} the pin gives way, so that nothing expired is served.`}\n`
