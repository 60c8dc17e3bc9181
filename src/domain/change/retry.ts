import { HOUR, type Instant, MINUTE, SECOND } from '../time.ts'
import type { Change } from './change.ts'
import { renewsItself } from './facts.ts'
import { STATUSES } from './statuses.ts'
import type { ChangeAction, ChangeState } from './vocabulary.ts'

/**
 * How long a failed step waits before it is tried again, with the reason and the running total. Lifecycle clock. The change shows
 * `error` meanwhile; it goes on by itself as soon as one attempt succeeds, and lets itself be cancelled all the time.
 *
 * The end is set by what waits: the shortest renewal lead is measured in days, so three days of trying leave time for a person; and an
 * authorization lives about seven, so an order placed before the trouble can still be used after it.
 */
export const RETRY_WAITS = [
  { waitMs: 1 * SECOND, totalMs: 1 * SECOND, reason: 'a lost connection, a restart of one process' },
  { waitMs: 4 * SECOND, totalMs: 5 * SECOND, reason: 'the same, slower' },
  { waitMs: 10 * SECOND, totalMs: 15 * SECOND, reason: 'an edge or proxy that restarts' },
  { waitMs: 45 * SECOND, totalMs: 1 * MINUTE, reason: 'a host that reboots' },
  { waitMs: 2 * MINUTE, totalMs: 3 * MINUTE, reason: 'a host that reboots slowly' },
  { waitMs: 2 * MINUTE, totalMs: 5 * MINUTE, reason: 'a deployment of the other side' },
  { waitMs: 5 * MINUTE, totalMs: 10 * MINUTE, reason: 'a deployment of the other side' },
  { waitMs: 10 * MINUTE, totalMs: 20 * MINUTE, reason: 'a short outage of a CA' },
  { waitMs: 10 * MINUTE, totalMs: 30 * MINUTE, reason: 'a short outage of a CA' },
  { waitMs: 30 * MINUTE, totalMs: 1 * HOUR, reason: 'an hourly rate limit has passed' },
  { waitMs: 1 * HOUR, totalMs: 2 * HOUR, reason: 'an incident that people work on' },
  { waitMs: 1 * HOUR, totalMs: 3 * HOUR, reason: 'an incident that people work on' },
  { waitMs: 3 * HOUR, totalMs: 6 * HOUR, reason: 'a three-hour rate limit has passed' },
  { waitMs: 6 * HOUR, totalMs: 12 * HOUR, reason: 'a broken night' },
  { waitMs: 12 * HOUR, totalMs: 24 * HOUR, reason: 'a working day everywhere' },
  { waitMs: 12 * HOUR, totalMs: 36 * HOUR, reason: 'a second working day' },
  { waitMs: 12 * HOUR, totalMs: 48 * HOUR, reason: 'a second working day' },
  { waitMs: 24 * HOUR, totalMs: 72 * HOUR, reason: 'a weekend; after it a person has to act' },
] as const

/**
 * How long a renewal waits after its order was refused or failed for good, with the reason and the running total. Nobody asked for it by hand, so nobody may be
 * looking, and what is live grows old meanwhile; yet each attempt counts against the limits of the CA. Its end is the longest usual lead of a DV certificate.
 */
export const REFUSAL_WAITS = [
  { waitMs: 1 * HOUR, totalMs: 1 * HOUR, reason: 'an hourly limit, a record of DNS in change' },
  { waitMs: 5 * HOUR, totalMs: 6 * HOUR, reason: 'half a working day to mend what was told' },
  { waitMs: 18 * HOUR, totalMs: 24 * HOUR, reason: 'a day, and every negative answer of a DNS cache' },
  ...Array.from({ length: 29 }, (_, day) => ({
    waitMs: 24 * HOUR,
    totalMs: (day + 2) * 24 * HOUR,
    reason: 'once a day, well below the limits of any CA',
  })),
] as const

/** Milliseconds to wait after the `refusal`th refused order in a row, counted from 1. Null: given up, loudly. */
export function nextOrderDelay(refusal: number): number | null {
  return REFUSAL_WAITS[Math.max(refusal, 1) - 1]?.waitMs ?? null
}

/**
 * Milliseconds to wait after the `attempt`th failure in a row, counted from 1 (0 counts as 1). Null: given up, which the caller has to
 * make loud; only a person moves the change then.
 */
export function nextRetryDelay(attempt: number): number | null {
  return RETRY_WAITS[Math.max(attempt, 1) - 1]?.waitMs ?? null
}

/** Past its table the renewal of what is live goes on once a day: edges that are back after a week are found, and until it expires nothing is lost by trying. */
const STEADY_RETRY_MS = 24 * HOUR

/** Of what is left until what is live expires, and never less than the second; the waits of the tables suit lives of months, a certificate may have hours left. */
const SHARE_OF_LIFE_LEFT = 1 / 8
const SHORTEST_CAP = { step: 10 * MINUTE, order: HOUR } as const

type Failed = Pick<Change, 'status' | 'state' | 'action' | 'settings' | 'progress'>

/** Milliseconds until a change in `error` is tried again; null: given up, or nothing that is tried by itself. */
export function nextAttemptDelay(change: Failed, now: Instant): number | null {
  const usual = usualDelay(change)
  const { live } = change.progress
  if (usual === null || live === undefined || !renewsItself(change)) return usual
  const cap = SHORTEST_CAP[isRefusedRenewal(change) ? 'order' : 'step']
  return Math.min(usual, Math.max(Math.floor((live.expires - now) * SHARE_OF_LIFE_LEFT), cap))
}

function usualDelay(change: Failed): number | null {
  if (!healsByItself(change)) return null
  const { refusals = 1, attempts, live } = change.progress
  if (isRefusedRenewal(change)) return nextOrderDelay(refusals)
  return nextRetryDelay(attempts) ?? (renewsItself(change) && live !== undefined ? STEADY_RETRY_MS : null)
}

export const hasGivenUp = (change: Failed): boolean => change.state === 'error' && usualDelay(change) === null

/**
 * Whether a failed change is to be retried by the clock. Not where nothing is performed: a CA that refused the order would refuse it
 * again and count it against its limits, and a missed deployment window needs another schedule. A renewal orders again (REFUSAL_WAITS).
 */
export const healsByItself = (current: ChangeState & { readonly action?: ChangeAction }): boolean =>
  current.state === 'error' && (STATUSES[current.status].effect !== null || isRefusedRenewal(current))

export const isRefusedRenewal = ({
  status,
  action,
}: ChangeState & { readonly action?: ChangeAction }): boolean =>
  status === 'check-for-cert-error' && action === 'renewal'
