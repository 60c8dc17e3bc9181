import type { ChangeId } from '../domain/identifiers.ts'

/** Who waits for a change: the renewal engine, that can begin a thousand at one moment, or a person, whose request must not stand behind them. */
export type Lane = 'person' | 'engine'

export interface DueChange {
  readonly changeId: ChangeId
  readonly lane: Lane
}

export interface WakeUp extends DueChange {
  /** From now on; zero: it has something to do at once. */
  readonly afterMs: number
}

/**
 * Tells the workers of every process, after the commit, that a change has something to do. A hint: one that is lost costs the time until the next look at what
 * is due. A lost connection is made good by one null.
 */
export interface WakeUps {
  subscribe(listener: (wakeUp: WakeUp | null) => void): () => void
}
