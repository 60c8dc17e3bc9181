import type { ChangeStateName, ChangeStatus } from '../domain/change/vocabulary.ts'
import type { AccountId, ChangeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

/** Where a change stands after a move, so that whoever waits need not read it. */
export interface ChangeStanding {
  /** Notes of one change may be heard late: what has a lower revision than what was read is old. */
  readonly revision: number
  readonly status: ChangeStatus
  readonly state: ChangeStateName
  /** Nothing is left to be done now: the change waits for a person or a later moment, or has ended. */
  readonly rests: boolean
  readonly notBefore: Instant | null
  readonly notAfter: Instant | null
}

export interface ChangeNote extends ChangeStanding {
  readonly accountId: AccountId
  readonly changeId: ChangeId
}

/** Tells, after the commit, that a change was saved, in whichever process. A lost connection is made good by one note with null. */
export interface ChangeSignals {
  subscribe(listener: (note: ChangeNote | null) => void): () => void
}
