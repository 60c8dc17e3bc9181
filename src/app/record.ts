import type { Change } from '../domain/change/change.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'

/**
 * Saves a moved change with its history, its next wake-up and the note to those who wait, all in the caller's transaction.
 * False when somebody else saved first: then nothing may be kept, and the caller lets the transaction fail or loads again.
 */
export async function recordMove(tx: Repositories, deps: Dependencies, moved: Change, event: string): Promise<boolean> {
  if (!(await tx.changes.save(moved))) return false
  await tx.events.append({
    changeId: moved.id,
    enrollmentId: moved.enrollmentId,
    accountId: moved.accountId,
    event,
    status: moved.status,
    state: moved.state,
    at: deps.clocks.lifecycle.now(),
    realAt: deps.clocks.real.now(),
  })
  await scheduleWake(tx, deps, moved)
  await tx.announce(moved)
  return true
}

/** A job runs by the database's clock, a change by the lifecycle clock: the delay is what they have in common. */
export async function scheduleWake(tx: Repositories, deps: Dependencies, change: Change): Promise<void> {
  if (change.nextAt === null) return
  await tx.enqueueAdvance(change.id, Math.max(0, change.nextAt - deps.clocks.lifecycle.now()))
}

/** Thrown to leave a transaction that lost a compare-and-swap. Never reaches a caller. */
export class Conflict extends Error {
  constructor() {
    super('the change was saved by another')
    this.name = 'Conflict'
  }
}

const ATTEMPTS_AT_A_CONFLICT = 20

/** A conflict is not an error: load again and go on (design: jobs). */
export async function retryingConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === ATTEMPTS_AT_A_CONFLICT) throw error
    }
  }
}
