import { setTimeout as pause } from 'node:timers/promises'
import { SECOND } from '../domain/time.ts'
import { chosenChange } from './enrollment-reference.ts'
import type { Running } from './context.ts'
import type { Change } from './answers.ts'
import { Failure } from './failure.ts'
import { waitWithProgress } from './waiting.ts'

export type Departure =
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly change: Change }
  | { readonly kind: 'timeout' }

/** A removal that was put behind another change begins a moment after that one has ended: there is no change to wait at meanwhile. */
const BETWEEN_CHANGES_MS = SECOND / 2

/** Follows whatever change is open until the enrollment is not found any more. */
export async function waitUntilGone(
  running: Running,
  enrollmentId: number,
  timeoutMs: number,
): Promise<Departure> {
  const { session, surroundings } = running
  const begin = surroundings.clock.now()
  for (;;) {
    const enrollment = await unlessGone(session.calls.enrollment(enrollmentId))
    if (enrollment === null) return { kind: 'gone' }
    const remainingMs = timeoutMs - (surroundings.clock.now() - begin)
    if (remainingMs <= 0) return { kind: 'timeout' }
    const key = chosenChange(enrollment, undefined)
    if (key === null) {
      await pause(BETWEEN_CHANGES_MS)
      continue
    }
    const wishes = {
      until: 'complete',
      timeoutMs: remainingMs,
      acknowledgeChallenges: false,
      stopAtPerson: false,
    }
    const ending = await unlessGone(waitWithProgress(running, key, wishes))
    if (ending?.kind === 'failed' && ending.change.statusInfo.state === 'error')
      return { kind: 'failed', change: ending.change }
  }
}

async function unlessGone<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof Failure && error.status === 404) return null
    throw error
  }
}
