import type { Change, ChangeFailure, ChangeProgress, Finding } from '../../domain/change/change.ts'
import type { ChangeEvent } from '../../domain/change/events.ts'
import type { Instant } from '../../domain/time.ts'
import type { LockedStore, Repositories } from '../../ports/store.ts'
import type { Kept } from '../../ports/changes.ts'
import type { Dependencies } from '../dependencies.ts'

export interface EffectContext {
  readonly deps: Dependencies
  readonly locked: LockedStore
  readonly change: Change
  readonly signal: AbortSignal
}

export type Write = (tx: Repositories) => Promise<void>

/** What an effect came to. `keeps` and `write` are committed together with the change's move, or not at all; `keeps` in the same statement. */
export type EffectOutcome =
  | {
      readonly kind: 'event'
      readonly event: ChangeEvent
      readonly keeps?: Kept
      readonly write?: Write
      readonly findings?: readonly Finding[]
      readonly progress?: Partial<ChangeProgress>
      readonly failure?: Omit<ChangeFailure, 'at'>
      /** The effect that follows is not to begin sooner. */
      readonly nextAt?: Instant | null
    }
  /** A clean-up: the next effect follows. */
  | {
      readonly kind: 'done'
      readonly keeps?: Kept
      readonly write?: Write
      readonly progress?: Partial<ChangeProgress>
    }
  /** Not due, or not allowed yet: the same again at this moment. */
  | {
      readonly kind: 'later'
      readonly at: Instant
      readonly write?: Write
      readonly progress?: Partial<ChangeProgress>
    }

/** Idempotent: a crash before its outcome is committed means that it runs again. */
export type Effect = (context: EffectContext) => Promise<EffectOutcome>
