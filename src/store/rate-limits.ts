import type { Kysely } from 'kysely'
import type { AccountId } from '../domain/identifiers.ts'
import {
  type CountedCalls,
  isStillRefused,
  type LimitedResource,
  type RateLimitTable,
  type RateStanding,
  standingOf,
  withCall,
} from '../domain/rate-limits/rate-limits.ts'
import { type Instant, instant } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { RateLimits, RateVerdict } from '../ports/rate-limits.ts'
import type { Database } from './schema.ts'

export interface RateLimitOptions {
  readonly limits: RateLimitTable
  readonly real: Clock
}

/** Calls of accounts, counted in the database so that every process counts the same. */
export function createRateLimits(db: Kysely<Database>, { limits, real }: RateLimitOptions): RateLimits {
  /** Whoever hammers costs no statement. */
  const refused = new Map<string, RateStanding>()

  /** One statement at a time for an account: calls that come at once must not take all connections to wait for one row. */
  const turns = new Map<AccountId, Promise<unknown>>()

  function take(accountId: AccountId, resources: readonly LimitedResource[]): Promise<RateVerdict> {
    const before = turns.get(accountId) ?? Promise.resolve()
    const verdict = before.then(() => takeNow(accountId, resources))
    const turn = verdict
      .catch(() => undefined)
      .then(() => {
        if (turns.get(accountId) === turn) turns.delete(accountId)
      })
    turns.set(accountId, turn)
    return verdict
  }

  async function takeNow(accountId: AccountId, resources: readonly LimitedResource[]): Promise<RateVerdict> {
    const now = real.now()
    const key = JSON.stringify([accountId, resources])
    const standing = refused.get(key)
    if (standing !== undefined && isStillRefused(standing, now))
      return { ...standing, admitted: false, at: now }
    refused.delete(key)
    const verdict = await countedBy(accountId, resources, now)
    if (!verdict.admitted) refused.set(key, verdict)
    return verdict
  }

  const countedBy = (account: AccountId, resources: readonly LimitedResource[], now: Instant) =>
    db.transaction().execute(async (trx) => {
      const counted = await lockedCounts(trx, account, resources)
      const before = standingOf(counted, limits, now)
      if (before.remaining === 0) return { ...before, admitted: false, at: now }
      const after = counted.map(({ resource, taken }) => ({
        resource,
        taken: withCall(taken, limits[resource], now),
      }))
      for (const { resource, taken } of after)
        await trx
          .updateTable('rate_counts')
          .set({ real_taken: [...taken] })
          .where('account_id', '=', account)
          .where('resource', '=', resource)
          .execute()
      return { ...standingOf(after, limits, now), admitted: true, at: now }
    })

  return { take }
}

/** In one order, so that two calls never wait for each other. */
async function lockedCounts(
  trx: Kysely<Database>,
  account: AccountId,
  resources: readonly LimitedResource[],
): Promise<readonly CountedCalls[]> {
  await trx
    .insertInto('rate_counts')
    .values(resources.toSorted().map((resource) => ({ account_id: account, resource, real_taken: [] })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const rows = await trx
    .selectFrom('rate_counts')
    .select(['resource', 'real_taken'])
    .where('account_id', '=', account)
    .where('resource', 'in', [...resources])
    .orderBy('resource')
    .forUpdate()
    .execute()
  return rows.map((row) => ({ resource: row.resource, taken: row.real_taken.map(instant) }))
}
