import type { Kysely } from 'kysely'
import { type AccountId, accountId } from '../domain/identifiers.ts'
import { type Instant, instant, MINUTE, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { SecretContext, Secrets } from '../ports/secrets.ts'
import { createNonces } from './nonces.ts'
import type { Database } from './schema.ts'

/** How long a credential is answered from memory: a disabled client is refused at most this much later. */
const REMEMBERED_MS = 2 * SECOND

/** One statement a minute for each credential in use. */
const USE_NOTED_EVERY_MS = MINUTE

export interface CredentialOptions {
  readonly secrets: Secrets
  readonly real: Clock
  readonly contextOf: (account: AccountId, clientId: string, version: number) => SecretContext
}

interface Remembered {
  readonly until: Instant
  /** Also while it is being read: a burst of requests reads once. */
  readonly credential: ReturnType<typeof readCredential>
}

/** API clients and spent nonces for EdgeGrid (spec: behaviour F2). */
export function createCredentials(db: Kysely<Database>, options: CredentialOptions) {
  const remembered = new Map<string, Remembered>()
  /** By token; only of credentials that there are. */
  const lastUses = new Map<string, Instant>()
  const nonces = createNonces(db, options.real)
  return {
    async find(clientToken: string) {
      const now = options.real.now()
      const known = remembered.get(clientToken)
      if (known !== undefined && known.until > now) return known.credential
      const credential = readCredential(db, options, clientToken)
      remembered.set(clientToken, { until: instant(now + REMEMBERED_MS), credential })
      // Only what stands is remembered: strangers could fill the memory with tokens that nobody has.
      const found = await credential.catch((error: unknown) => {
        remembered.delete(clientToken)
        throw error
      })
      if (found === null) remembered.delete(clientToken)
      return found
    },
    claimNonce: nonces.claim,
    async noteUse(clientToken: string, at: Instant) {
      const before = lastUses.get(clientToken)
      if (before !== undefined && at < before + USE_NOTED_EVERY_MS) return
      lastUses.set(clientToken, at)
      await db
        .updateTable('client_credentials')
        .set({ real_last_used_at: at })
        .where('client_token', '=', clientToken)
        .execute()
    },
    async switchTo(_credential: unknown, switchKey: string): Promise<AccountId | null> {
      const row = await db
        .selectFrom('accounts')
        .select('id')
        .where('switch_key', '=', switchKey)
        .executeTakeFirst()
      return row ? accountId(row.id) : null
    },
    purgeNonces: nonces.purge,
  }
}

async function readCredential(
  db: Kysely<Database>,
  { secrets, contextOf }: CredentialOptions,
  clientToken: string,
) {
  const row = await db
    .selectFrom('client_credentials as one')
    .innerJoin('api_clients', 'api_clients.id', 'one.client_id')
    .selectAll('api_clients')
    .select(['one.version', 'one.sealed_secret', 'one.real_expires_at as credential_expires_at'])
    .where('one.client_token', '=', clientToken)
    .executeTakeFirst()
  if (row === undefined) return null
  const account = accountId(row.account_id)
  const ends = [row.real_expires_at, row.credential_expires_at].filter((at) => at !== null)
  const sealed = row.sealed_secret
  return {
    accessToken: row.access_token,
    clientSecret:
      sealed === null
        ? ''
        : Buffer.from(secrets.open(sealed, contextOf(account, row.id, row.version))).toString(),
    accountId: account,
    clientId: row.id,
    name: row.name,
    role: row.role,
    // Retired: nothing is left that a signature could be held against.
    disabled: row.disabled || sealed === null,
    expiresAt: ends.length === 0 ? null : instant(Math.min(...ends)),
    switchesTo: row.may_switch ? ('any' as const) : row.switch_accounts.map(accountId),
  }
}
