import type { ChangeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface FrozenContent {
  readonly changeId: ChangeId
  /** Canonical JSON (domain/change/content.ts): the hash is of these very characters. */
  readonly document: string
  readonly hash: string
  readonly frozenAt: Instant
}

/** What the acknowledgement of a change stands for. The first one kept stays, until what would alter it ends the wait. */
export interface FrozenContents {
  keep(content: FrozenContent): Promise<void>
  discard(changeId: ChangeId): Promise<void>
  find(changeId: ChangeId): Promise<FrozenContent | null>
}
