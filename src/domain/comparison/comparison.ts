import { type Difference, differencesOf } from './differences.ts'
import { answersOf, type Observation } from './observation.ts'

/** How production stood when it was compared. `silent`: it answers nobody for the names with a certificate that could be compared; `unreachable`: it could not be seen. */
export type ProductionStanding = 'answers' | 'silent' | 'unreachable'

export interface Comparison {
  readonly standing: ProductionStanding
  readonly staging: Observation
  /** Null unless it answers. */
  readonly production: Observation | null
  /** None unless production answers. */
  readonly differences: readonly Difference[]
}

/** What an acknowledgement shows besides the content: staging as it was met, and what it changes for the clients of production. */
export function comparisonOf(staging: Observation, production: Observation): Comparison {
  const standing = standingOf(production)
  return standing === 'answers'
    ? { standing, staging, production, differences: differencesOf(staging, production) }
    : { standing, staging, production: null, differences: [] }
}

function standingOf(production: Observation): ProductionStanding {
  if (answersOf(production).length > 0) return 'answers'
  const outcomes = production.meetings.flatMap((meeting) => meeting.outcomes)
  return outcomes.some(({ seen }) => seen !== 'unreachable') ? 'silent' : 'unreachable'
}
