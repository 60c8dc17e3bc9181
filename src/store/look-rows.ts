import type { Generated } from 'kysely'

/** What is known of a name of a live enrollment. */
export interface NameStandingRow {
  enrollment_id: number
  name: string
  stood: string[]
  was_known: boolean
  fault_reason: string | null
  fault_text: string | null
  fault_looks: number
  fault_since: number | null
}

/** What a network served for a deployment, and when it is looked at. */
export interface ServedLookRow {
  deployment_id: string
  real_looked_at: Generated<number | null>
  real_due_at: Generated<number | null>
  not_before: number | null
  not_after: number | null
  problem: string | null
}
