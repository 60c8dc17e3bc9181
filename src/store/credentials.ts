import type { Kysely } from 'kysely'
import { type AccountId, accountId } from '../domain/identifiers.ts'
import { type Instant, instant, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { SecretContext, Secrets } from '../ports/secrets.ts'
import { createNonces } from './nonces.ts'
import type { Database } from './schema.ts'

/** How long a credential is answered from memory: a disabled client is refused at most this much later. */
const REMEMBERED_MS = 2 * SECOND

export interface CredentialOptions {
  readonly secrets: Secrets
  readonly real: Clock
  readonly contextOf: (account: AccountId, clientId: string) => SecretContext
}

interface Remembered {
  readonly until: Instant
  /** Also while it is being read: a burst of requests reads once. */
  readonly credential: ReturnType<typeof readCredential>
}

/** API clients and spent nonces for EdgeGrid (spec: behaviour F2). */
export function createCredentials(db: Kysely<Database>, options: CredentialOptions) {
  const remembered = new Map<string, Remembered>()
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
    .selectFrom('api_clients')
    .selectAll()
    .where('client_token', '=', clientToken)
    .executeTakeFirst()
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
