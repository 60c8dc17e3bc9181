import { Argument } from 'commander'
import { DAY, SECOND, fromWireTime } from '../../domain/time.ts'
import type { ClockCheck, ClockReading } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { parseDuration, showDuration } from '../duration.ts'
import { EXIT } from '../exit-code.ts'
import { Failure, wrongUsage } from '../failure.ts'
import { showTime } from '../output.ts'
import { table } from '../table.ts'

interface ClockOptions extends CommonOptions {
  readonly to?: string
}

type What = 'advance' | 'check' | 'confirm'
type Target = { readonly by: string } | { readonly to: string }

export const addClock: AddCommand = (program, context) => {
  withConnection(program.command('clock'))
    .description('show the lifecycle clock; turn that of a sandbox, or watch over those of live mode')
    .addArgument(new Argument('[what]', 'what to do').choices(['advance', 'check', 'confirm']))
    .argument('[duration]', 'by so much: P30D, 2w, 12h, 90s')
    .option('--to <time>', 'until then: a date, or an RFC 3339 time')
    .addHelpText('after', EXPLANATION)
    .action((what: What | undefined, duration: string | undefined, options: ClockOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        if (what === 'check' || what === 'confirm') {
          if (duration !== undefined || options.to !== undefined)
            throw wrongUsage(`certrail clock ${what} takes no time.`)
          const clocks = await inMode('live', what === 'check' ? calls.clockChecks() : calls.confirmClock())
          printer.data({ clocks })
          printer.text(checksText(clocks, printer.strong))
          return clocks.some(({ stoppedSince }) => stoppedSince !== null) ? EXIT.failed : EXIT.done
        }
        const target = targetOf(what, duration, options.to)
        const reading = await (target === null
          ? calls.clock()
          : inMode('sandbox', calls.advanceClock(target)))
        printer.data(reading)
        printer.text(readingText(reading))
        return EXIT.done
      }),
    )
}

const EXPLANATION = `
advance   only in sandbox mode, only by administrators, only forwards. Everything that becomes due on the
          way is done, in its order, before the command ends. Once begun it goes on, also when the command
          or the server is ended; certrail clock says where to.
check     only in live mode: how the clock of each process stands to the database's. One that moved by
          more than five minutes stops issuance there; then the exit code is 1.
confirm   only in live mode, by those who run the installation: the clocks are right as they are now.
`

/** In the other mode there is no such resource at all. */
const inMode = <Answer>(mode: 'sandbox' | 'live', asked: Promise<Answer>): Promise<Answer> =>
  asked.catch((error: unknown) => {
    if (!(error instanceof Failure) || error.status !== 404) throw error
    throw new Failure({ title: 'Not found', status: 404, detail: `That is only for ${mode} mode.` })
  })

function targetOf(
  advance: What | undefined,
  duration: string | undefined,
  to: string | undefined,
): Target | null {
  if (advance === undefined) {
    if (to === undefined) return null
    throw wrongUsage('To turn the clock: certrail clock advance --to TIME.')
  }
  if ((duration === undefined) === (to === undefined))
    throw wrongUsage('Say by how much or until when: certrail clock advance P30D, or --to TIME.')
  return duration === undefined ? { to: momentOf(to ?? '') } : { by: isoOf(duration) }
}

function isoOf(duration: string): string {
  const milliseconds = parseDuration(duration)
  if (milliseconds === null)
    throw wrongUsage(`A duration is such as P30D, P2W, PT12H, 12h or 90s, not ${duration}.`)
  const days = Math.floor(milliseconds / DAY)
  const seconds = (milliseconds % DAY) / SECOND
  return `P${days}DT${seconds}S`
}

function momentOf(time: string): string {
  if (fromWireTime(time) === null)
    throw wrongUsage(`--to wants a date or an RFC 3339 time such as 2027-01-31T12:00:00Z, not ${time}.`)
  return time
}

function checksText(clocks: readonly ClockCheck[], strong: (text: string) => string): string {
  if (clocks.length === 0) return 'No process has looked at its clock yet.\n'
  const rows = clocks.map(({ instance, differenceSeconds, stoppedSince, reason }) => [
    instance,
    `${differenceSeconds} s`,
    stoppedSince === null ? 'runs' : `STOPPED since ${showTime(stoppedSince)}`,
    reason ?? '-',
  ])
  return table(['clock of', 'ahead of the database', 'issuance', 'because'], rows, strong)
}

function readingText({ now, offsetSeconds, target }: ClockReading): string {
  const turned = target === undefined ? '' : `; it is being turned to ${showTime(target)}`
  return `${showTime(now)}, ${offsetText(offsetSeconds * SECOND)}${turned}\n`
}

/** A seeded sandbox begins in the past. */
function offsetText(ahead: number): string {
  const distance = Math.abs(ahead)
  if (distance < SECOND) return 'as the real clock'
  // The seconds that turning it took do not make 59 days of 60.
  const rounded = distance < 2 * DAY ? distance : Math.round(distance / DAY) * DAY
  return `${showDuration(rounded)} ${ahead > 0 ? 'ahead of' : 'behind'} the real clock`
}
