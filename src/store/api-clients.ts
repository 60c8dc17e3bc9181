import type { Kysely, Selectable } from 'kysely'
import { groupedBy } from '../domain/grouped-by.ts'
import { accountId } from '../domain/identifiers.ts'
import { type Instant, instant } from '../domain/time.ts'
import type { ApiClient, ApiClientRecord, ApiClients, ClientCredentialRecord } from '../ports/api-clients.ts'
import type { Database } from './schema.ts'

export function createApiClients(db: Kysely<Database>): ApiClients {
  const clientsWhere = (account: string, id: string | null) => {
    const all = db.selectFrom('api_clients').selectAll().where('account_id', '=', account)
    return id === null ? all.orderBy('real_created_at').orderBy('id') : all.where('id', '=', id)
  }

  async function withCredentials(
    rows: readonly Selectable<Database['api_clients']>[],
  ): Promise<readonly ApiClient[]> {
    if (rows.length === 0) return []
    const credentials = await db
      .selectFrom('client_credentials')
      .selectAll()
      .where(
        'client_id',
        'in',
        rows.map(({ id }) => id),
      )
      .orderBy('version', 'desc')
      .execute()
    const byClient = groupedBy(credentials.map(toCredential), ({ clientId }) => clientId)
    return rows.map((row) => ({ client: toClient(row), credentials: byClient.get(row.id) ?? [] }))
  }

  return {
    async insert(client) {
      await db
        .insertInto('api_clients')
        .values({
          id: client.id,
          account_id: client.accountId,
          name: client.name,
          role: client.role,
          access_token: client.accessToken,
          may_switch: client.maySwitch,
          switch_accounts: [...client.switchAccounts],
          disabled: client.disabled,
          real_expires_at: client.expiresAt,
          real_created_at: client.createdAt,
        })
        .execute()
    },
    ofAccount: async (account) => withCredentials(await clientsWhere(account, null).execute()),
    find: async (account, id) =>
      (await withCredentials(await clientsWhere(account, id).execute()))[0] ?? null,
    lock: async (account, id) =>
      (await withCredentials(await clientsWhere(account, id).forUpdate().execute()))[0] ?? null,
    async save(client) {
      await db
        .updateTable('api_clients')
        .set({ name: client.name, disabled: client.disabled, real_expires_at: client.expiresAt })
        .where('id', '=', client.id)
        .execute()
    },
    async insertCredential(credential) {
      await db
        .insertInto('client_credentials')
        .values({
          client_token: credential.clientToken,
          client_id: credential.clientId,
          version: credential.version,
          sealed_secret: credential.sealedSecret,
          real_created_at: credential.createdAt,
          real_expires_at: credential.expiresAt,
          real_retired_at: credential.retiredAt,
          real_last_used_at: credential.lastUsedAt,
        })
        .execute()
    },
    async retireCredential(clientToken, at) {
      await db
        .updateTable('client_credentials')
        .set({ real_retired_at: at, sealed_secret: null })
        .where('client_token', '=', clientToken)
        .execute()
    },
    async hasClientToken(clientToken) {
      const row = await db
        .selectFrom('client_credentials')
        .select('client_id')
        .where('client_token', '=', clientToken)
        .executeTakeFirst()
      return row !== undefined
    },
  }
}

const toClient = (row: Selectable<Database['api_clients']>): ApiClientRecord => ({
  id: row.id,
  accountId: accountId(row.account_id),
  name: row.name,
  role: row.role,
  accessToken: row.access_token,
  maySwitch: row.may_switch,
  switchAccounts: row.switch_accounts.map(accountId),
  disabled: row.disabled,
  expiresAt: orNull(row.real_expires_at),
  createdAt: instant(row.real_created_at),
})

const toCredential = (row: Selectable<Database['client_credentials']>): ClientCredentialRecord => ({
  clientToken: row.client_token,
  clientId: row.client_id,
  version: row.version,
  sealedSecret: row.sealed_secret,
  createdAt: instant(row.real_created_at),
  expiresAt: orNull(row.real_expires_at),
  retiredAt: orNull(row.real_retired_at),
  lastUsedAt: orNull(row.real_last_used_at),
})

const orNull = (at: number | null): Instant | null => (at === null ? null : instant(at))
