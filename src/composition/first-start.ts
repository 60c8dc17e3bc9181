import type { Kysely } from 'kysely'
import {
  type AccountDependencies,
  clientSecretContext,
  createAccount,
  createClient,
  createContract,
  takeOverClient,
} from '../app/accounts.ts'
import type { Seed } from '../config/seed.ts'
import { accountId, type ContractId, contractId } from '../domain/identifiers.ts'
import type { Database } from '../store/schema.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { EdgercCredential } from './home-files.ts'

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

/** What certrail.config.json asks for and does not stand yet; what stands is left as it is. Call in a transaction. */
export async function plantSeed(deps: AccountDependencies, seed: Seed): Promise<void> {
  for (const { id, name, switchKey } of seed.accounts) {
    if ((await deps.accounts.find(accountId(id))) === null) await createAccount(deps, { id, name, switchKey })
  }
  for (const { id, account } of seed.contracts) {
    if ((await deps.accounts.contractOwner(contractId(id))) === null)
      await createContract(deps, ownerOf(account), id)
  }
  for (const client of seed.clients) {
    if (!(await deps.accounts.hasClientToken(client.clientToken)))
      await takeOverClient(deps, ownerOf(client.account), client)
  }
}

const ownerOf = (account: string | null) => (account === null ? FIRST_ACCOUNT : accountId(account))

/** The administrator's credential, for the edgerc: opened again at each start, since the file also names the port. */
export async function administratorCredential(
  db: Kysely<Database>,
  secrets: Secrets,
): Promise<EdgercCredential> {
  const row = await db
    .selectFrom('api_clients')
    .selectAll()
    .where('account_id', '=', FIRST_ACCOUNT)
    .where('name', '=', ADMINISTRATOR)
    .orderBy('real_created_at')
    .executeTakeFirstOrThrow()
  return {
    clientToken: row.client_token,
    clientSecret: Buffer.from(
      secrets.open(row.sealed_secret, clientSecretContext(FIRST_ACCOUNT, row.id)),
    ).toString(),
    accessToken: row.access_token,
  }
}

export async function firstContract(deps: AccountDependencies): Promise<ContractId | null> {
  return (await deps.accounts.contractsOf(FIRST_ACCOUNT))[0] ?? null
}
