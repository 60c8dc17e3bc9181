import { type Instant, toWireTime } from '../time.ts'
import type { Conflict } from './renewal-moments.ts'

/** A renewal that was due at `since` and has its turn at `at` among the orders that this CA account takes. */
export interface HeldRenewal {
  readonly account: string
  readonly since: Instant
  readonly at: Instant
}

export const heldReason = ({ account, since }: HeldRenewal): string =>
  `Held back: due since ${toWireTime(since)}, it waits for its turn among the orders that the CA account "${account}" takes; renewals with a smaller share of their life left go first.`

/** The account's orders are spoken for until nothing is left to wait for. */
export function conflictOfHeld({ account, since, at }: HeldRenewal, lastSafe: Instant): Conflict | null {
  if (at < lastSafe) return null
  return {
    code: 'no-order-in-time',
    until: lastSafe,
    text: `The renewal has been due since ${toWireTime(since)}, but the orders of the CA account "${account}" are spoken for until ${toWireTime(lastSafe)}, the last safe moment; then it is ordered in spite of them. Raise the account's limit, if the CA allows it, or divide the enrollments among several accounts (docs/renewal.md).`,
  }
}
