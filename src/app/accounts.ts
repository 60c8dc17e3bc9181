import { type AccountId, accountId, type ContractId, contractId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import type { Random } from '../ports/random.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Accounts, ApiClientRecord } from '../ports/store.ts'
import type { Clock } from '../ports/clock.ts'
import type { AccountView, Caller, NewClient } from './views.ts'

export interface AccountDependencies {
  readonly accounts: Accounts
  readonly random: Random
  readonly secrets: Secrets
  readonly clock: Clock
}

export interface ClientInput {
  readonly role: ApiClientRecord['role']
  readonly name: string | null
  readonly maySwitch?: boolean
}

const TOKEN_OCTETS = 16
const SECRET_OCTETS = 32

/** Accounts, contracts and API clients by the real clock: they face clients now. Ids of the caller's choosing are taken as they are. */
export async function createAccount(
  deps: AccountDependencies,
  input: { readonly name: string; readonly switchKey: string | null; readonly id?: string },
): Promise<{ id: AccountId; switchKey: string }> {
  const id = accountId(input.id ?? `A-${token(deps.random)}`)
  const switchKey = input.switchKey ?? `${id}:1-CERTRAIL`
  if ((await deps.accounts.bySwitchKey(switchKey)) !== null || (await deps.accounts.find(id)) !== null) {
    throw new Problem('validation-error', {
      errors: [{ field: '/switchKey', detail: 'Another account has this switch key.' }],
    })
  }
  await deps.accounts.insert({ id, name: input.name, switchKey }, deps.clock.now())
  return { id, switchKey }
}

export async function createContract(
  deps: AccountDependencies,
  account: AccountId,
  wanted: string | null,
): Promise<ContractId> {
  await requireAccount(deps, account)
  const id = contractId(wanted ?? `C-${token(deps.random)}`)
  if ((await deps.accounts.contractOwner(id)) !== null) {
    throw new Problem('validation-error', {
      errors: [{ field: '/id', detail: 'A contract with this id exists.' }],
    })
  }
  await deps.accounts.insertContract(id, account, deps.clock.now())
  return id
}

/** The account that a call acts on, after an account switch. */
export async function describeAccount(
  accounts: Pick<Accounts, 'find' | 'contractsOf'>,
  { accountId: id }: Caller,
): Promise<AccountView> {
  const [account, contracts] = await Promise.all([accounts.find(id), accounts.contractsOf(id)])
  if (account === null) throw new Problem('not-found')
  return { id, name: account.name, contracts }
}

/** The secret is in the answer and nowhere else: the database holds it sealed. */
export async function createClient(
  deps: AccountDependencies,
  account: AccountId,
  input: ClientInput,
): Promise<NewClient> {
  const client: NewClient = {
    clientToken: `certrail-ct-${token(deps.random)}`,
    clientSecret: Buffer.from(deps.random.bytes(SECRET_OCTETS)).toString('base64'),
    accessToken: `certrail-at-${token(deps.random)}`,
    role: input.role,
    name: input.name ?? `${input.role} client`,
  }
  await takeOverClient(deps, account, { ...client, maySwitch: input.maySwitch ?? false })
  return client
}

/** A credential of the caller's choosing, for seeds. */
export async function takeOverClient(
  deps: AccountDependencies,
  account: AccountId,
  client: Omit<NewClient, 'name'> & { readonly name: string | null; readonly maySwitch?: boolean },
): Promise<void> {
  await requireAccount(deps, account)
  const id = deps.random.uuid()
  await deps.accounts.insertClient(
    {
      id,
      accountId: account,
      name: client.name ?? `${client.role} client`,
      role: client.role,
      clientToken: client.clientToken,
      accessToken: client.accessToken,
      sealedSecret: deps.secrets.seal(Buffer.from(client.clientSecret), clientSecretContext(account, id)),
      maySwitch: client.maySwitch ?? client.role === 'admin',
      disabled: false,
    },
    deps.clock.now(),
  )
}

export const clientSecretContext = (account: AccountId, id: string) => ({
  account,
  object: `api-client:${id}`,
  version: 1,
})

async function requireAccount({ accounts }: AccountDependencies, id: AccountId): Promise<void> {
  if ((await accounts.find(id)) === null) throw new Problem('not-found')
}

/** Letters, digits and hyphens, as credentials of EdgeGrid are. */
const token = (random: Random): string => Buffer.from(random.bytes(TOKEN_OCTETS)).toString('hex')

interface Installation {
  /** The account of those who run the installation. */
  readonly operatorAccount: AccountId
}

/** Tenants do not make tenants. */
export function requireInstallationOperator({ operatorAccount }: Installation, caller: Caller): void {
  if (caller.accountId !== operatorAccount) {
    throw new Problem('forbidden', { detail: 'The client does not have the grant needed for the request' })
  }
}

/** Another account does not exist for a caller, not even for an administrator, unless he runs the installation. */
export function requireOwnAccount(
  { operatorAccount }: Installation,
  caller: Caller,
  account: AccountId,
): void {
  if (account !== caller.accountId && caller.accountId !== operatorAccount) throw new Problem('not-found')
}
