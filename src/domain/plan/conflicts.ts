import type { Change } from '../change/change.ts'
import type { Instant } from '../time.ts'
import { conflictOfHeld, type HeldRenewal } from './held-renewal.ts'
import { conflictOfHolds, type Hold } from './hold.ts'
import type { KnownName } from '../validation/name-standing.ts'
import { conflictsOfNames } from './lost-names.ts'
import { conflictOfChange } from './open-change.ts'
import type { Conflict, RenewalMoments } from './renewal-moments.ts'

/** What the conflicts of an enrollment follow from. */
export interface PlanFacts {
  readonly open: Change | undefined
  readonly moments: RenewalMoments & { readonly expires: Instant }
  /** When the renewal begins; null: none is planned, because one has begun. */
  readonly planned: Instant | null
  readonly held: HeldRenewal | null
  readonly holds: readonly Hold[]
  /** What our looks know of the names. */
  readonly names: readonly KnownName[]
  readonly now: Instant
}

/** Everything that stands in the way of a renewal, as soon as it is known. */
export function conflictsOf({
  open,
  moments,
  planned,
  held,
  holds,
  names,
  now,
}: PlanFacts): readonly Conflict[] {
  const isDue = planned !== null && planned <= now
  return [
    moments.conflict,
    open === undefined ? null : conflictOfChange(open, isDue),
    held === null ? null : conflictOfHeld(held, moments.lastSafe),
    ...conflictOfHolds(holds, moments, now),
    ...conflictsOfNames(names, moments.lastSafe),
  ].filter((conflict) => conflict !== null)
}
