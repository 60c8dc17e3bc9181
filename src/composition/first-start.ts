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
import type { Dependencies } from '../app/dependencies.ts'
import type { Accounts } from '../ports/accounts.ts'
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
    if (!(await deps.clients.hasClientToken(client.clientToken)))
      await takeOverClient(deps, ownerOf(client.account), {
        ...client,
        // Those who run the installation may act on every account.
        maySwitch: client.role === 'admin' && ownerOf(client.account) === FIRST_ACCOUNT,
      })
  }
}

const ownerOf = (account: string | null) => (account === null ? FIRST_ACCOUNT : accountId(account))

/**
 * The administrator's credential, for the edgerc: opened again at each start, since the file also names the port, and since another one may have taken its
 * place. Null: the last one was retired.
 */
export async function administratorCredential({
  store,
  secrets,
  clocks,
}: Pick<Dependencies, 'store' | 'secrets' | 'clocks'>): Promise<EdgercCredential | null> {
  const now = clocks.real.now()
  const clients = await store.read.clients.ofAccount(FIRST_ACCOUNT)
  const administrator = clients.find(({ client }) => client.name === ADMINISTRATOR)
  const live = administrator?.credentials.flatMap(({ sealedSecret, expiresAt, ...facts }) =>
    sealedSecret !== null && (expiresAt === null || expiresAt > now) ? [{ ...facts, sealedSecret }] : [],
  )[0]
  if (administrator === undefined || live === undefined) return null
  const { id, accessToken } = administrator.client
  const context = clientSecretContext(FIRST_ACCOUNT, id, live.version)
  return {
    clientToken: live.clientToken,
    clientSecret: Buffer.from(secrets.open(live.sealedSecret, context)).toString(),
    accessToken,
  }
}

export async function firstContract(accounts: Pick<Accounts, 'contractsOf'>): Promise<ContractId | null> {
  return (await accounts.contractsOf(FIRST_ACCOUNT))[0] ?? null
}
