import type { AccountId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { ApiClient, ApiClientRecord, ClientCredentialRecord } from '../ports/api-clients.ts'
import { newCredential, requireOwnAccount } from './accounts.ts'
import type { Dependencies } from './dependencies.ts'
import type { ClientChange } from './use-cases.ts'
import type { Caller, ClientView, NewClient } from './views.ts'

/** Enough to make a second one, distribute it, and retire the first. */
const MOST_LIVE_CREDENTIALS = 2

export async function listClients(
  deps: Dependencies,
  caller: Caller,
  account: AccountId,
): Promise<readonly ClientView[]> {
  requireOwnAccount(deps, caller, account)
  if ((await deps.store.read.accounts.find(account)) === null) throw new Problem('not-found')
  const now = deps.clocks.real.now()
  return (await deps.store.read.clients.ofAccount(account)).map((found) => clientView(found, now))
}

export async function getClient(
  deps: Dependencies,
  caller: Caller,
  account: AccountId,
  id: string,
): Promise<ClientView> {
  requireOwnAccount(deps, caller, account)
  return clientView(found(await deps.store.read.clients.find(account, id)), deps.clocks.real.now())
}

/** Its name, its end, or whether it may be used at all; takes effect within two seconds. */
export async function changeClient(
  deps: Dependencies,
  caller: Caller,
  account: AccountId,
  { id, changes }: { readonly id: string; readonly changes: ClientChange },
): Promise<ClientView> {
  requireOwnAccount(deps, caller, account)
  const now = deps.clocks.real.now()
  return deps.store.transaction(async (tx) => {
    const { client, credentials } = found(await tx.clients.lock(account, id))
    const changed: ApiClientRecord = {
      ...client,
      name: changes.name ?? client.name,
      disabled: changes.disabled ?? client.disabled,
      expiresAt: changes.expiresAt === undefined ? client.expiresAt : changes.expiresAt,
    }
    if (id === caller.clientId && !isClientLive(changed, now)) throw lockOut()
    await tx.clients.save(changed)
    return clientView({ client: changed, credentials }, now)
  })
}

/** A second credential beside the one in use. Its secret is in the answer and nowhere else. */
export async function addCredential(
  deps: Dependencies,
  caller: Caller,
  account: AccountId,
  { id, expiresAt }: { readonly id: string; readonly expiresAt: Instant | null },
): Promise<NewClient> {
  requireOwnAccount(deps, caller, account)
  const now = deps.clocks.real.now()
  return deps.store.transaction(async (tx) => {
    const { client, credentials } = found(await tx.clients.lock(account, id))
    if (credentials.filter((one) => isCredentialLive(one, now)).length >= MOST_LIVE_CREDENTIALS)
      throw new Problem('too-many-credentials', {
        detail: `The client has ${MOST_LIVE_CREDENTIALS} live credentials: retire one of them first.`,
      })
    const version = 1 + Math.max(0, ...credentials.map((one) => one.version))
    const { record, clientSecret } = newCredential(deps, client, { version, expiresAt, now })
    await tx.clients.insertCredential(record)
    const { accessToken, role, name } = client
    return { id, clientToken: record.clientToken, clientSecret, accessToken, role, name, expiresAt }
  })
}

/** Of use by nobody any more, and its secret destroyed. Once more is no error. */
export async function retireCredential(
  deps: Dependencies,
  caller: Caller,
  account: AccountId,
  { id, clientToken }: { readonly id: string; readonly clientToken: string },
): Promise<ClientView> {
  requireOwnAccount(deps, caller, account)
  const now = deps.clocks.real.now()
  return deps.store.transaction(async (tx) => {
    const { client, credentials } = found(await tx.clients.lock(account, id))
    const retiring = credentials.find((one) => one.clientToken === clientToken)
    if (retiring === undefined) throw new Problem('not-found')
    const others = credentials.filter((one) => one !== retiring && isCredentialLive(one, now))
    if (id === caller.clientId && others.length === 0) throw lockOut()
    if (retiring.retiredAt === null) await tx.clients.retireCredential(clientToken, now)
    const after = credentials.map((one) =>
      one === retiring ? { ...one, retiredAt: one.retiredAt ?? now } : one,
    )
    return clientView({ client, credentials: after }, now)
  })
}

function found(client: ApiClient | null): ApiClient {
  if (client === null) throw new Problem('not-found')
  return client
}

/** Whoever asks must not be the one that cannot ask any more. */
const lockOut = (): Problem =>
  new Problem('locks-itself-out', { detail: 'The client that makes this call would be of no use after it.' })

const isPast = (at: Instant | null, now: Instant): boolean => at !== null && at <= now

const isClientLive = ({ disabled, expiresAt }: ApiClientRecord, now: Instant): boolean =>
  !disabled && !isPast(expiresAt, now)

const isCredentialLive = ({ retiredAt, expiresAt }: ClientCredentialRecord, now: Instant): boolean =>
  retiredAt === null && !isPast(expiresAt, now)

function clientView({ client, credentials }: ApiClient, now: Instant): ClientView {
  const used = credentials.flatMap(({ lastUsedAt }) => (lastUsedAt === null ? [] : [lastUsedAt]))
  return {
    id: client.id,
    name: client.name,
    role: client.role,
    disabled: client.disabled,
    createdAt: client.createdAt,
    expiresAt: client.expiresAt,
    lastUsedAt: used.toSorted((one, other) => other - one)[0] ?? null,
    maySwitch: client.maySwitch,
    switchAccounts: client.switchAccounts,
    credentials: credentials.map((one) => ({
      clientToken: one.clientToken,
      status: one.retiredAt !== null ? 'retired' : isPast(one.expiresAt, now) ? 'expired' : 'active',
      createdAt: one.createdAt,
      expiresAt: one.expiresAt,
      lastUsedAt: one.lastUsedAt,
    })),
  }
}
