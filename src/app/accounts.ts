import { type AccountId, accountId, type ContractId, contractId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import type { Random } from '../ports/random.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { ApiClientRecord, ApiClients, ClientCredentialRecord } from '../ports/api-clients.ts'
import type { Accounts } from '../ports/accounts.ts'
import type { Instant } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { AccountView, Caller, NewClient } from './views.ts'

export interface AccountDependencies {
  readonly accounts: Accounts
  readonly clients: ApiClients
  readonly random: Random
  readonly secrets: Secrets
  readonly clock: Clock
}

export interface ClientInput {
  readonly role: ApiClientRecord['role']
  readonly name: string | null
  /** May use every switch key. */
  readonly maySwitch?: boolean
  /** Those that it may use besides its account's own. */
  readonly switchKeys?: readonly string[]
  readonly expiresAt?: Instant | null
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
  if (!(await deps.accounts.insert({ id, name: input.name, switchKey }, deps.clock.now()))) {
    throw new Problem('validation-error', {
      errors: [{ field: '/switchKey', detail: 'Another account has this switch key.' }],
    })
  }
  return { id, switchKey }
}

export async function createContract(
  deps: AccountDependencies,
  account: AccountId,
  wanted: string | null,
): Promise<ContractId> {
  await requireAccount(deps, account)
  const id = contractId(wanted ?? `C-${token(deps.random)}`)
  if (!(await deps.accounts.insertContract(id, account, deps.clock.now()))) {
    throw new Problem('validation-error', {
      errors: [{ field: '/id', detail: 'A contract with this id exists.' }],
    })
  }
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

/** The secret is in the answer and nowhere else: the database holds it sealed. In a transaction, since client and credential stand together. */
export async function createClient(
  deps: AccountDependencies,
  account: AccountId,
  input: ClientInput,
): Promise<NewClient> {
  await requireAccount(deps, account)
  const now = deps.clock.now()
  const client: ApiClientRecord = {
    id: deps.random.uuid(),
    accountId: account,
    name: input.name ?? `${input.role} client`,
    role: input.role,
    accessToken: `certrail-at-${token(deps.random)}`,
    maySwitch: input.maySwitch ?? false,
    switchAccounts: await accountsOf(deps, input.switchKeys ?? []),
    disabled: false,
    expiresAt: input.expiresAt ?? null,
    createdAt: now,
  }
  const { record, clientSecret } = newCredential(deps, client, { version: 1, expiresAt: null, now })
  await deps.clients.insert(client)
  await deps.clients.insertCredential(record)
  const { id, accessToken, role, name, expiresAt } = client
  return { id, clientToken: record.clientToken, clientSecret, accessToken, role, name, expiresAt }
}

export interface ClientToTakeOver {
  readonly role: ApiClientRecord['role']
  readonly name: string | null
  readonly clientToken: string
  readonly clientSecret: string
  readonly accessToken: string
  readonly maySwitch: boolean
  readonly switchKeys: readonly string[]
}

/** A credential of the caller's choosing, for seeds. In a transaction, as above. */
export async function takeOverClient(
  deps: AccountDependencies,
  account: AccountId,
  { clientToken, clientSecret, accessToken, role, ...given }: ClientToTakeOver,
): Promise<void> {
  await requireAccount(deps, account)
  const now = deps.clock.now()
  const client: ApiClientRecord = {
    id: deps.random.uuid(),
    accountId: account,
    name: given.name ?? `${role} client`,
    role,
    accessToken,
    maySwitch: given.maySwitch,
    switchAccounts: await accountsOf(deps, given.switchKeys),
    disabled: false,
    expiresAt: null,
    createdAt: now,
  }
  await deps.clients.insert(client)
  await deps.clients.insertCredential(
    sealedCredential(deps, client, { clientToken, clientSecret, version: 1, expiresAt: null, now }),
  )
}

interface CredentialFacts {
  readonly version: number
  readonly expiresAt: Instant | null
  readonly now: Instant
}

/** Not stored yet. */
export function newCredential(
  deps: Pick<AccountDependencies, 'random' | 'secrets'>,
  client: Pick<ApiClientRecord, 'id' | 'accountId'>,
  facts: CredentialFacts,
): { readonly record: ClientCredentialRecord; readonly clientSecret: string } {
  const clientToken = `certrail-ct-${token(deps.random)}`
  const clientSecret = Buffer.from(deps.random.bytes(SECRET_OCTETS)).toString('base64')
  return { record: sealedCredential(deps, client, { ...facts, clientToken, clientSecret }), clientSecret }
}

function sealedCredential(
  { secrets }: Pick<AccountDependencies, 'secrets'>,
  { id, accountId: account }: Pick<ApiClientRecord, 'id' | 'accountId'>,
  given: CredentialFacts & { readonly clientToken: string; readonly clientSecret: string },
): ClientCredentialRecord {
  const context = clientSecretContext(account, id, given.version)
  return {
    clientToken: given.clientToken,
    clientId: id,
    version: given.version,
    sealedSecret: secrets.seal(Buffer.from(given.clientSecret), context),
    createdAt: given.now,
    expiresAt: given.expiresAt,
    retiredAt: null,
    lastUsedAt: null,
  }
}

export const clientSecretContext = (account: AccountId, id: string, version: number) => ({
  account,
  object: `api-client:${id}`,
  version,
})

/** @throws Problem 'validation-error' for a switch key that no account has. */
async function accountsOf(
  { accounts }: AccountDependencies,
  switchKeys: readonly string[],
): Promise<readonly AccountId[]> {
  const found = await Promise.all(switchKeys.map((key) => accounts.bySwitchKey(key)))
  const errors = found.flatMap((account, index) =>
    account === null ? [{ field: `/switchKeys/${index}`, detail: 'No account has this switch key.' }] : [],
  )
  if (errors.length > 0) throw new Problem('validation-error', { errors })
  return found.flatMap((account) => (account === null ? [] : [account.id]))
}

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
