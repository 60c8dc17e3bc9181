import { type Instant, MINUTE, plus } from '../time.ts'
import { firedUpTo, firesAfter } from './cron.ts'

/** Opens whenever the cron expression fires by the wall clock of its time zone, and stays open for so long. */
export interface MaintenanceWindow {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string
  readonly durationMinutes: number
}

/** Nothing goes to production by itself from `from` until before `until`. */
export interface Freeze {
  readonly from: Instant
  readonly until: Instant
  readonly reason: string
}

/** When an account wants its production networks touched by what nobody asks for by hand. No window at all: always, freezes apart. */
export interface Maintenance {
  readonly windows: readonly MaintenanceWindow[]
  readonly freezes: readonly Freeze[]
}

export const UNRESTRICTED: Maintenance = { windows: [], freezes: [] }

export const isUnrestricted = ({ windows, freezes }: Maintenance): boolean =>
  windows.length === 0 && freezes.length === 0

export const isOpenAt = (maintenance: Maintenance, at: Instant): boolean =>
  freezeAt(maintenance, at) === undefined && inWindow(maintenance, at)

/** More windows and freezes than this in a row lie beyond any certificate's life. */
const MOST_STEPS = 1_000

/** The first open moment from `from` to `until`; null: there is none. */
export function firstOpening(maintenance: Maintenance, from: Instant, until: Instant): Instant | null {
  let at: Instant | null = from
  for (let step = 0; step < MOST_STEPS && at !== null && at <= until; step += 1) {
    if (isOpenAt(maintenance, at)) return at
    at = freezeAt(maintenance, at)?.until ?? nextWindow(maintenance, at)
  }
  return null
}

/** The last open moment from `from` to `until`: `until` itself, or the begin of the window before it, which leaves the whole window to act in. Null: there is none. */
export function lastOpening(maintenance: Maintenance, from: Instant, until: Instant): Instant | null {
  let at: Instant | null = until
  for (let step = 0; step < MOST_STEPS && at !== null && at >= from; step += 1) {
    if (isOpenAt(maintenance, at)) return at
    at = beforeClosed(maintenance, at)
  }
  return null
}

/** When what is open at this moment closes, as far as the windows and freezes of this moment say; another window may go on from there. Null: it is closed, or never closes. */
export function closesAfter(maintenance: Maintenance, at: Instant): Instant | null {
  if (!isOpenAt(maintenance, at)) return null
  const ends = maintenance.windows
    .map(({ cron, timeZone, durationMinutes }) => {
      const opened = firedUpTo(cron, timeZone, at)
      return opened === null ? null : plus(opened, durationMinutes * MINUTE)
    })
    .filter((end) => end !== null && end > at)
  const freezes = maintenance.freezes.map(({ from }) => from).filter((from) => from > at)
  return least([...ends, ...freezes])
}

const freezeAt = ({ freezes }: Maintenance, at: Instant): Freeze | undefined =>
  freezes.find(({ from, until }) => from <= at && at < until)

const inWindow = ({ windows }: Maintenance, at: Instant): boolean =>
  windows.length === 0 ||
  windows.some(({ cron, timeZone, durationMinutes }) => {
    const opened = firedUpTo(cron, timeZone, at)
    return opened !== null && at < plus(opened, durationMinutes * MINUTE)
  })

function nextWindow({ windows }: Maintenance, at: Instant): Instant | null {
  const next = windows.map(({ cron, timeZone }) => firesAfter(cron, timeZone, at))
  return least(next)
}

/** Where to look next when `at` is closed: before the freeze, or at the window that was the last to open; at its end where its begin is frozen. */
function beforeClosed(maintenance: Maintenance, at: Instant): Instant | null {
  const freeze = freezeAt(maintenance, at)
  if (freeze !== undefined) return plus(freeze.from, -1)
  const candidates = maintenance.windows.flatMap(({ cron, timeZone, durationMinutes }) => {
    const opened = firedUpTo(cron, timeZone, plus(at, -1))
    if (opened === null) return []
    const closes = plus(opened, durationMinutes * MINUTE - 1)
    const isFrozen = freezeAt(maintenance, opened) !== undefined
    return [isFrozen && closes < at ? closes : opened]
  })
  return candidates.length === 0 ? null : (Math.max(...candidates) as Instant)
}

function least(moments: readonly (Instant | null)[]): Instant | null {
  const known = moments.filter((moment) => moment !== null)
  return known.length === 0 ? null : (Math.min(...known) as Instant)
}
