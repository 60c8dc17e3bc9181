import { HOUR, type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import { type WatchFigures, watchFigures } from './figures.ts'
import type { Dependencies } from '../dependencies.ts'

/** As the alerts of docs/alerts.yml that page somebody about Certrail itself, and not about one enrollment. */
const LATEST_CHANGE_SECONDS = (10 * MINUTE) / SECOND
const LATEST_RENEWAL_SECONDS = (6 * HOUR) / SECOND
const LATEST_LOOK_SECONDS = HOUR / SECOND
/** Rounds of the renewal engine come every minute. */
const LATEST_ROUND_MS = 10 * MINUTE

export interface Heartbeat extends Pick<Dependencies, 'store' | 'clocks' | 'authorityFor' | 'clockGuard'> {
  /** Real clock: when the renewal engine of this process last went through all that is due. */
  readonly lastRound: () => Instant
  /** Tells the watchdog; its HTTP status. Throws where it cannot be reached. */
  readonly beat: (signal: AbortSignal) => Promise<number>
  readonly beaten: (outcome: 'sent' | 'withheld' | 'failed') => void
}

/**
 * Tells a watchdog outside that renewals go on, or is silent: what hangs, or cannot reach its database, cannot complain, so that its silence has to.
 * Throws what keeps it silent, in words.
 */
export async function sendHeartbeat(heartbeat: Heartbeat, signal: AbortSignal): Promise<void> {
  const { beat, beaten } = heartbeat
  const faults = await faultsOf(heartbeat)
  if (faults.length > 0) {
    beaten('withheld')
    throw new Error(`No heartbeat is sent: ${faults.join('; ')}.`)
  }
  const status = await beat(signal).catch((error: unknown) => {
    beaten('failed')
    // The address may hold a secret: only the words go on.
    throw new Error(
      `The heartbeat could not be sent: ${error instanceof Error ? error.message : 'no answer'}`,
    )
  })
  const isHeard = status >= 200 && status < 300
  beaten(isHeard ? 'sent' : 'failed')
  if (!isHeard) throw new Error(`The heartbeat was answered with status ${status}.`)
}

async function faultsOf({ lastRound, ...deps }: Heartbeat): Promise<readonly string[]> {
  const figures = await watchFigures(deps).catch(() => null)
  if (figures === null) return ['the database does not answer']
  const sinceRound = deps.clocks.real.now() - lastRound()
  return [
    ...(sinceRound > LATEST_ROUND_MS
      ? [`the renewal engine has not been through for ${Math.round(sinceRound / SECOND)} s`]
      : []),
    ...FAULTS.filter(([, isFault]) => isFault(figures)).map(([words]) => words),
  ]
}

const FAULTS: readonly (readonly [string, (figures: WatchFigures) => boolean])[] = [
  [
    'a change waits for a worker for more than ten minutes',
    ({ oldestDueSeconds }) => oldestDueSeconds > LATEST_CHANGE_SECONDS,
  ],
  [
    'a renewal is overdue by more than six hours',
    ({ renewalOverdueSeconds }) => renewalOverdueSeconds.free > LATEST_RENEWAL_SECONDS,
  ],
  [
    'what is served has not been looked at for more than an hour',
    ({ oldestLookSeconds }) => oldestLookSeconds > LATEST_LOOK_SECONDS,
  ],
  [
    'issuance is stopped, since the clock moved',
    ({ clockChecks }) => clockChecks.some(({ stoppedSince }) => stoppedSince !== null),
  ],
]
