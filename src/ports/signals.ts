import type { AccountId, ChangeId } from '../domain/identifiers.ts'

export interface ChangeNote {
  readonly accountId: AccountId
  readonly changeId: ChangeId
}

/** Tells, after the commit, that a change was saved, in whichever process. A lost connection is made good by one note with null. */
export interface ChangeSignals {
  subscribe(listener: (note: ChangeNote | null) => void): () => void
}
