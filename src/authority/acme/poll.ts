import { type Instant, SECOND } from '../../domain/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Pause } from '../../ports/pause.ts'
import { retryAfter } from './retry-after.ts'
import type { AcmeResponse } from './send.ts'

export interface Waiting {
  readonly clock: Clock
  readonly pause: Pause
  readonly signal: AbortSignal
}

export interface Look<T> {
  readonly value: T
  readonly response: AcmeResponse
}

/** Until the answer is no longer `pending`; else where it stands, and when the server wants to be asked again (null: it does not say). */
export type Polled<T> =
  | { readonly kind: 'settled'; readonly value: T }
  | { readonly kind: 'pending'; readonly value: T; readonly after: Instant | null }

/**
 * Waits before each look in milliseconds, where the server does not say (RFC 8555 section 7.5.1 asks to honour Retry-After). Close together at
 * first, since most CAs are done within a second; together half a minute. What takes longer is looked at again by a later run of the step.
 */
const WAITS_MS = [20, 40, 80, 160, 300, 500, 1_000, 2_000, 3_000, 5_000, 8_000, 10_000] as const
/** A longer wait is not slept through in a step. */
const LONGEST_NAP_MS = 10 * SECOND

export const isLongWait = (told: Instant | null, now: Instant): told is Instant =>
  told !== null && told - now > LONGEST_NAP_MS

export async function poll<T>(
  { clock, pause, signal }: Waiting,
  first: Instant | null,
  look: () => Promise<Look<T>>,
  isPending: (value: T) => boolean,
): Promise<Polled<T>> {
  let told = first
  for (const [turn, usual] of WAITS_MS.entries()) {
    await pause(napOf(told, usual, clock.now()), signal)
    signal.throwIfAborted()
    const { value, response } = await look()
    if (!isPending(value)) return { kind: 'settled', value }
    told = retryAfter(response, clock.now())
    const isLast = turn === WAITS_MS.length - 1
    if (isLast || isLongWait(told, clock.now())) return { kind: 'pending', value, after: told }
  }
  throw new RangeError('a table of waits without an end')
}

const napOf = (told: Instant | null, usual: number, now: Instant): number =>
  told === null ? usual : Math.max(0, Math.min(told - now, LONGEST_NAP_MS))
