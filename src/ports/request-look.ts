import type { NameStanding } from '../domain/findings/request/request-facts.ts'
import type { ValidationType } from '../domain/enrollment/enrollment.ts'

export interface RequestLookTarget {
  /** Canonical. */
  readonly names: readonly string[]
  /** Decides which authority is to sign. */
  readonly validationType: Exclude<ValidationType, 'third-party'>
}

/**
 * What DNS says of the names of a request before anything is made for it. Never throws for what it sees; resolves within its time limit, whatever the number
 * of names, with what it has learnt until then.
 */
export type RequestLook = (target: RequestLookTarget, signal: AbortSignal) => Promise<readonly NameStanding[]>
