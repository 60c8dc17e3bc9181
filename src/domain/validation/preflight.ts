import type { AccountId } from '../identifiers.ts'
import { HOUR, type Instant, MINUTE, plus } from '../time.ts'

/**
 * What our own look before the CA's is worth. `strict`: nothing is offered to the CA that we have not seen. `advise`: a look that finds nothing delays
 * the CA for a bounded time. `off`: the CA is asked as soon as somebody says that the value stands.
 */
export type Preflight = 'strict' | 'advise' | 'off'

export interface PreflightPolicy {
  readonly default: Preflight
  readonly accounts: ReadonlyMap<AccountId, Preflight>
}

export const preflightOf = (policy: PreflightPolicy, account: AccountId): Preflight =>
  policy.accounts.get(account) ?? policy.default

/** Why the value is believed to stand though we do not see it. */
export type Claim = 'acknowledged' | 'placed' | 'standing' | 'seen'
/** `unclear`: nothing answered that could be judged. `other`: something else stands there. `caa`: the value stands, and CAA records keep this CA out. */
export type LookOutcome = 'unclear' | 'other' | 'caa'

/** How long `advise` holds the CA back, from the claim on. What is in no row is never offered unseen. Lifecycle clock. */
export const PREFLIGHT_PATIENCE = [
  {
    claim: 'acknowledged',
    look: 'unclear',
    waitMs: 5 * MINUTE,
    reason: 'we may lack a way there (split DNS, no egress, no IPv6) that a CA has',
  },
  {
    claim: 'acknowledged',
    look: 'other',
    waitMs: 30 * MINUTE,
    reason: 'a zone or a cache is still being updated; after that our view may be the wrong one',
  },
  {
    claim: 'placed',
    look: 'unclear',
    waitMs: 5 * MINUTE,
    reason: 'a DNS provider has taken the value; we may lack a way to its servers that a CA has',
  },
  {
    claim: 'placed',
    look: 'other',
    waitMs: 30 * MINUTE,
    reason: 'the provider tells its servers; after that our view of them may be the wrong one',
  },
  {
    claim: 'standing',
    look: 'unclear',
    waitMs: 1 * HOUR,
    reason: 'our own edges hold the token, and by them the CA validated the name before',
  },
  {
    claim: 'seen',
    look: 'caa',
    waitMs: 1 * HOUR,
    reason: 'records are being changed; after that our view of them may be the wrong one',
  },
] as const satisfies readonly { claim: Claim; look: LookOutcome; waitMs: number; reason: string }[]

export interface Claimed {
  readonly claim: Claim
  readonly at: Instant
}

/** From when on a name is offered to the CA although our look has not found its value; null: never. */
export function offeredUnseenAt(
  preflight: Preflight,
  claimed: Claimed | null,
  look: LookOutcome,
): Instant | null {
  if (preflight === 'strict' || claimed === null) return null
  const row = PREFLIGHT_PATIENCE.find((one) => one.claim === claimed.claim && one.look === look)
  if (row === undefined) return null
  return preflight === 'off' ? claimed.at : plus(claimed.at, row.waitMs)
}

/**
 * How long a name rests after the CA has refused it, by how often it did in this change: a CA counts failed validations (Let's Encrypt: five for one name, account
 * and hour) and then refuses the good ones too. Our margin is two of them. An acknowledgement does not wait.
 */
export const AFTER_REFUSAL_WAITS = [
  { waitMs: 0, reason: 'the CA has not refused the name' },
  { waitMs: 1 * MINUTE, reason: 'one of its places may have seen an old answer' },
  { waitMs: 20 * MINUTE, reason: 'two within the hour' },
  { waitMs: 1 * HOUR, reason: 'the hour that the CA counts in is over' },
  { waitMs: 6 * HOUR, reason: 'a person has to find the cause' },
] as const

/** An authorization that was lost without a look of the CA (expired, or the CA forgot it) is none of the `refusals`. */
export const offeredAgainAt = (refusals: number, requestedAt: Instant): Instant =>
  plus(requestedAt, restAfterRefusals(refusals))

/** Milliseconds. */
export const restAfterRefusals = (refusals: number): number =>
  AFTER_REFUSAL_WAITS[Math.min(refusals, AFTER_REFUSAL_WAITS.length - 1)]?.waitMs ?? 0
