import type { Change } from '../domain/change/change.ts'
import { RENEWAL_ENGINE } from '../domain/renewal/renewal-start.ts'
import type { MoveNote } from '../ports/changes.ts'
import type { Lane } from '../ports/wake-ups.ts'
import type { Dependencies } from './dependencies.ts'

/** What goes with a move into the history. `wakes`: workers are told when the change's moment comes, which may be now. */
export const moveNote = (deps: Dependencies, change: Change, event: string, wakes: boolean): MoveNote => ({
  event,
  at: deps.clocks.lifecycle.now(),
  realAt: deps.clocks.real.now(),
  wakeAfterMs: wakes ? wakeDelay(deps, change) : null,
})

/** Of what goes on without anybody's call: where the engine began it, nobody waits for it. */
export const laneOf = ({ createdBy }: Change): Lane => (createdBy === RENEWAL_ENGINE ? 'engine' : 'person')

/** Null: only somebody's call moves it. */
const wakeDelay = ({ clocks }: Dependencies, { nextAt }: Change): number | null =>
  nextAt === null ? null : Math.max(0, nextAt - clocks.lifecycle.now())

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
      if (!isLost(error) || attempt === ATTEMPTS_AT_A_CONFLICT) throw error
    }
  }
}

/** A compare-and-swap, or the place of the one open change (ports/changes.ts). */
const isLost = (error: unknown): boolean =>
  error instanceof Conflict ||
  (error instanceof Error && 'constraint' in error && error.constraint === 'one_open_change')
