import type { ChangeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { PlacedText } from './challenge-placement.ts'

export interface PlacedRecord extends PlacedText {
  readonly changeId: ChangeId
  /** Whose authorization it proves, and which of its token generations. */
  readonly domain: string
  readonly generation: number
}

/** One whose removal was taken up by the asker. */
export interface UnwantedRecord extends PlacedText {
  readonly changeId: ChangeId
  /** How often it has been tried before. */
  readonly removals: number
  /** An open authorization of another change needs the very same record: it is to be left where it is. */
  readonly isNeededElsewhere: boolean
}

export interface RemovalQuestion {
  /** Of this change alone; null: of all. */
  readonly changeId: ChangeId | null
  /** Real clock. */
  readonly now: Instant
  /** Nobody else takes up what is handed out before this moment. */
  readonly until: Instant
  readonly limit: number
}

/**
 * TXT values that we have written into zones that others answer, from before they are written until they are gone. A record is wanted while the newest
 * authorization of its name is open and its change validates names; everything else is to be taken away.
 */
export interface PlacedRecords {
  /** Before the record is placed. Says (lifecycle clock) when it was for the first time. */
  begin(record: PlacedRecord, at: Instant): Promise<Instant>
  /** Takes up the removal of what nobody wants any more. */
  takeUpUnwanted(question: RemovalQuestion): Promise<readonly UnwantedRecord[]>
  /** It is gone. */
  forget(record: Pick<UnwantedRecord, 'changeId' | 'owner' | 'value'>): Promise<void>
  /** It could not be taken away; `at` (real clock): when that is tried again. */
  tryAgainAt(record: Pick<UnwantedRecord, 'changeId' | 'owner' | 'value'>, at: Instant): Promise<void>
}
