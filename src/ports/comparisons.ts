import type { DeploymentId } from '../domain/identifiers.ts'

export interface ComparisonRecord {
  /** On staging. */
  readonly deploymentId: DeploymentId
  /** Canonical JSON of a `Comparison` (domain/comparison/comparison.ts). */
  readonly document: string
  /** For which production was asked. */
  readonly name: string
  /** What production was wished to answer it with then; null: with nothing. */
  readonly answeredBy: DeploymentId | null
}

/** What staging showed of a deployment, next to production. The last one kept stays. */
export interface Comparisons {
  keep(record: ComparisonRecord): Promise<void>
  find(deploymentId: DeploymentId): Promise<ComparisonRecord | null>
}
