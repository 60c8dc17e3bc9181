import { type Kysely, sql } from 'kysely'
import { type AccountId, accountId } from '../domain/identifiers.ts'
import { type Instant, instant, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { SecretContext, Secrets } from '../ports/secrets.ts'
import type { Database } from './schema.ts'

/** How long a credential is answered from memory: a disabled client is refused at most this much later. */
const REMEMBERED_MS = 2 * SECOND

/** A replayed request is refused by its timestamp after this long. */
const PURGE_AFTER_MS = 10 * 60 * SECOND

export interface CredentialOptions {
  readonly secrets: Secrets
  readonly real: Clock
  readonly contextOf: (account: AccountId, clientId: string) => SecretContext
}

interface Remembered {
  readonly until: Instant
  readonly credential: Awaited<ReturnType<typeof readCredential>>
}

/** API clients and spent nonces for EdgeGrid (spec: behaviour F2). */
export function createCredentials(db: Kysely<Database>, options: CredentialOptions) {
  const remembered = new Map<string, Remembered>()
  return {
    async find(clientToken: string) {
      const now = options.real.now()
      const known = remembered.get(clientToken)
      if (known !== undefined && known.until > now) return known.credential
      const credential = await readCredential(db, options, clientToken)
      if (credential !== null) remembered.set(clientToken, { until: instant(now + REMEMBERED_MS), credential })
      return credential
    },
    /** One insert decides. Without an epoch the database has come back from an unclean stop and has forgotten nonces: a new epoch begins. */
    async claimNonce(clientToken: string, nonce: string, signedAt: Instant): Promise<boolean> {
      const { rows } = await sql<{ claimed: boolean; since: number | null }>`
        with claimed as (
          insert into nonces (client_token, nonce, real_seen_at) values (${clientToken}, ${nonce}, ${options.real.now()})
          on conflict do nothing returning 1)
        select exists (select from claimed) as claimed, (select real_since from nonce_epoch) as since`.execute(db)
      const row = rows[0]
      if (row === undefined) return false
      const since = row.since ?? (await beginEpoch(db, options.real.now()))
      return row.claimed && signedAt >= wholeSecond(since)
    },
    async switchTo(_credential: unknown, switchKey: string): Promise<AccountId | null> {
      const row = await db.selectFrom('accounts').select('id').where('switch_key', '=', switchKey).executeTakeFirst()
      return row ? accountId(row.id) : null
    },
    async purgeNonces(): Promise<void> {
      await db
        .deleteFrom('nonces')
        .where('real_seen_at', '<', options.real.now() - PURGE_AFTER_MS)
        .execute()
    },
  }
}

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

async function readCredential(db: Kysely<Database>, { secrets, contextOf }: CredentialOptions, clientToken: string) {
  const row = await db.selectFrom('api_clients').selectAll().where('client_token', '=', clientToken).executeTakeFirst()
  if (row === undefined) return null
  const account = accountId(row.account_id)
  return {
    accessToken: row.access_token,
    clientSecret: Buffer.from(secrets.open(row.sealed_secret, contextOf(account, row.id))).toString(),
    accountId: account,
    clientId: row.id,
    name: row.name,
    role: row.role,
    disabled: row.disabled,
    maySwitch: row.may_switch,
  }
}
