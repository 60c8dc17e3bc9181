import { type AccountDependencies, clientSecretContext, createAccount, createClient, createContract } from '../app/accounts.ts'
import { accountId, type ContractId } from '../domain/identifiers.ts'
import type { Kysely } from 'kysely'
import type { Database } from '../store/schema.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { EdgercCredential } from './home-files.ts'

/** `seed` of certrail.config.json: the caller's own ids, taken over once. */
export interface Seed {
  readonly accounts: readonly { readonly id: string; readonly name: string; readonly switchKey: string | null }[]
  readonly contracts: readonly { readonly id: string; readonly account: string | null }[]
  readonly clients: readonly {
    readonly account: string | null
    readonly name: string | null
    readonly role: 'admin' | 'operator' | 'read-only'
    readonly clientToken: string
    readonly clientSecret: string
    readonly accessToken: string
  }[]
}

export const FIRST_ACCOUNT = accountId('A-SANDBOX')
const FIRST_CONTRACT = '1-SANDBOX'
const ADMINISTRATOR = 'administrator'

/** The administrator's account, contract and client; nothing when they stand already. Call in a transaction, so that a crash leaves all or none. */
export async function makeFirstAccount(deps: AccountDependencies): Promise<void> {
  if (!(await deps.accounts.isEmpty())) return
  await createAccount(deps, { id: FIRST_ACCOUNT, name: 'Sandbox', switchKey: '1-SANDBOX:1-CERTRAIL' })
  await createContract(deps, FIRST_ACCOUNT, FIRST_CONTRACT)
  await createClient(deps, FIRST_ACCOUNT, { role: 'admin', name: ADMINISTRATOR, maySwitch: true })
}

/** The administrator's credential, for the edgerc: opened again at each start, since the file also names the port. */
export async function administratorCredential(db: Kysely<Database>, secrets: Secrets): Promise<EdgercCredential> {
  const row = await db
    .selectFrom('api_clients')
    .selectAll()
    .where('account_id', '=', FIRST_ACCOUNT)
    .where('name', '=', ADMINISTRATOR)
    .orderBy('real_created_at')
    .executeTakeFirstOrThrow()
  return {
    clientToken: row.client_token,
    clientSecret: Buffer.from(secrets.open(row.sealed_secret, clientSecretContext(FIRST_ACCOUNT, row.id))).toString(),
    accessToken: row.access_token,
  }
}

export async function firstContract(deps: AccountDependencies): Promise<ContractId | null> {
  return (await deps.accounts.contractsOf(FIRST_ACCOUNT))[0] ?? null
}
