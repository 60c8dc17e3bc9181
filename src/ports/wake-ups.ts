import type { ChangeId } from '../domain/identifiers.ts'

export interface WakeUp {
  readonly changeId: ChangeId
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
