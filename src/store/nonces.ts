import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import { type Instant, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Database } from './schema.ts'

/** A replayed request is refused by its timestamp after this long. */
const PURGE_AFTER_MS = 10 * 60 * SECOND

/** So many claims go in one statement. */
const LARGEST_BATCH = 500

interface Claim {
  readonly clientToken: string
  readonly nonce: string
  readonly signedAt: Instant
  readonly resolve: (claimed: boolean) => void
  readonly reject: (error: unknown) => void
}

/**
 * Spent nonces (spec: behaviour F2). One insert decides. What comes while one is under way goes together in the next: under load a request costs a share of a
 * statement, and alone it waits for nobody.
 */
export function createNonces(db: Kysely<Database>, real: Clock) {
  const waiting: Claim[] = []
  let isRunning = false

  async function run(): Promise<void> {
    isRunning = true
    while (waiting.length > 0) await settle(waiting.splice(0, LARGEST_BATCH))
    isRunning = false
  }

  async function settle(claims: readonly Claim[]): Promise<void> {
    try {
      const verdicts = await claimAll(db, claims, real.now())
      for (const [index, claim] of claims.entries()) claim.resolve(verdicts[index] === true)
    } catch (error) {
      // What one of them holds that the database cannot keep is that one's fault alone; the statement as a whole has left nothing behind.
      if (claims.length > 1 && error instanceof pg.DatabaseError)
        for (const claim of claims) await settle([claim])
      else for (const claim of claims) claim.reject(error)
    }
  }

  return {
    /** True for one caller per (client token, nonce). */
    claim: (clientToken: string, nonce: string, signedAt: Instant): Promise<boolean> =>
      new Promise((resolve, reject) => {
        waiting.push({ clientToken, nonce, signedAt, resolve, reject })
        if (!isRunning) void run()
      }),
    async purge(): Promise<void> {
      await db
        .deleteFrom('nonces')
        .where('real_seen_at', '<', real.now() - PURGE_AFTER_MS)
        .execute()
    },
  }
}

/**
 * Without an epoch the database has come back from an unclean stop and has forgotten nonces: a new epoch begins. In order, so that the batches of two
 * processes never wait for each other.
 */
async function claimAll(
  db: Kysely<Database>,
  claims: readonly Claim[],
  now: Instant,
): Promise<readonly boolean[]> {
  const tokens = claims.map(({ clientToken }) => clientToken)
  const nonces = claims.map(({ nonce }) => nonce)
  const { rows } = await sql<{ since: number | null; fresh: readonly [string, string][] }>`
    with claimed as (
      insert into nonces (client_token, nonce, real_seen_at)
      select distinct client_token, nonce, ${now}::bigint from unnest(${tokens}::text[], ${nonces}::text[]) as given (client_token, nonce)
      order by client_token, nonce
      on conflict do nothing returning client_token, nonce)
    select (select real_since from nonce_epoch) as since,
      (select coalesce(json_agg(json_build_array(client_token, nonce)), '[]') from claimed) as fresh`.execute(
    db,
  )
  const [row] = rows
  if (row === undefined) return []
  const since = row.since ?? (await beginEpoch(db, now))
  const fresh = new Set(row.fresh.map(([token, nonce]) => keyOf(token, nonce)))
  // Of two equal ones in one batch the first takes it out of the set.
  return claims.map(
    ({ clientToken, nonce, signedAt }) =>
      fresh.delete(keyOf(clientToken, nonce)) && signedAt >= wholeSecond(since),
  )
}

const keyOf = (clientToken: string, nonce: string): string => JSON.stringify([clientToken, nonce])

/** EdgeGrid timestamps have whole seconds: one made in the second of the epoch is not older than it. */
const wholeSecond = (at: number): number => Math.floor(at / SECOND) * SECOND

/** At a start: nonces that an unclean stop made the database forget are covered by their age. */
export async function beginEpoch(db: Kysely<Database>, now: Instant): Promise<number> {
  await db
    .insertInto('nonce_epoch')
    .values({ real_since: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await db.selectFrom('nonce_epoch').select('real_since').executeTakeFirstOrThrow()
  return row.real_since
}
