import type { LookTarget } from './challenge-look.ts'

/** Whether one of our own edges answers with a token. */
export interface EdgeConfirmation {
  readonly edge: string
  /** `host:port` where it was asked. */
  readonly address: string
  /** Why not; null: it answers with the right value. */
  readonly error: string | null
}

/**
 * Our own edges as answerers of http-01 (at their HTTP ports) and tls-alpn-01 (at the production network). With several of them (a pool, anycast, a DNS that answers by place) a CA reaches any, and from several places at once
 * (BR section 3.2.2.9): a token counts as placed only when each of them has it.
 */
export interface ChallengeEdges {
  /** Asks every edge known now at each of its addresses. Never throws; bounded in time. Empty: there are no edges. */
  confirm(target: LookTarget, signal: AbortSignal): Promise<readonly EdgeConfirmation[]>
}
