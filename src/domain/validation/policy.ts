import type { ValidationTrigger } from '../change/change.ts'
import type { Pace } from '../change/pace.ts'
import type { PreflightPolicy } from './preflight.ts'

/** A value placed in a zone that is kept with us is looked for at once, unless only an acknowledgement counts. */
export const heedsPlacements = ({ triggers }: Pick<ValidationPolicy, 'triggers'>): boolean =>
  triggers.some((trigger) => trigger !== 'acknowledgement')

/** When a change may leave domain validation, and whether our own edges answer for its names. */
export interface ValidationPolicy {
  readonly triggers: readonly ValidationTrigger[]
  /**
   * Whether tokens are put on our own HTTP port and DNS responder: `never`; `on-trigger`: before the CA is asked, which then needs no look of ours, since
   * that would be asking ourselves (sandbox); `at-once`: as soon as they exist, and the CA is asked when our look has found them where a CA looks.
   */
  readonly publishes: 'never' | 'on-trigger' | 'at-once'
  /** Lifecycle time until `dwell` triggers. */
  readonly dwellMs: number
  readonly preflight: PreflightPolicy
  /** Of the sandbox, for every step; absent: each begins at once. */
  readonly pace?: Pace
}
