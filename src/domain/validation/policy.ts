import type { ValidationTrigger } from '../change/change.ts'

/** When a change may leave domain validation, and whether our own edges answer for its names once it may. */
export interface ValidationPolicy {
  readonly triggers: readonly ValidationTrigger[]
  /** Tokens are put on our own HTTP port and DNS responder before the CA is asked. */
  readonly publishes: boolean
  /** Lifecycle time until `dwell` triggers. */
  readonly dwellMs: number
}
