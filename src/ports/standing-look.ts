import type { NameSight } from '../domain/validation/name-standing.ts'

export interface StandingQuestion {
  /** Canonical, `*.` kept. */
  readonly name: string
  /** The zone that the account keeps with us and that holds it; null: none. */
  readonly zone: string | null
}

/**
 * Looks at names as they stand before anything is ordered for them: through the resolver, and at the challenge path of each address of a name, as a CA would reach it.
 * Never throws for what it sees; bounded in time whatever their number, and what was not seen until then is `open`. In the order of the questions.
 */
export type StandingLook = (
  questions: readonly StandingQuestion[],
  signal: AbortSignal,
) => Promise<readonly NameSight[]>
