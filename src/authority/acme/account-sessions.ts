import { Problem } from '../../errors/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { type AcmeAccount, findAccount, registerAccount, updateContacts } from './account.ts'
import type { AuthorityAccount } from './account-choice.ts'
import { type AccountKeys, createAccountKeys } from './account-keys.ts'
import type { AcmeBooks, AccountRecord, AccountReference } from './books.ts'
import type { JwsKey } from './jws.ts'
import { AcmeRefusal, isLimit, wantsPerson } from './problem.ts'
import type { AcmeServer } from './server.ts'
import type { AcmeSession } from './session.ts'

export interface AccountSessionsDeps {
  readonly accounts: readonly AuthorityAccount[]
  readonly books: AcmeBooks
  readonly secrets: Secrets
  /** The real clock. */
  readonly clock: Clock
  /** One per directory. */
  readonly serverFor: (directoryUrl: string) => AcmeServer
}

export interface AccountSessions {
  /** Registers the account first when the CA does not know it yet. */
  open(reference: AccountReference, signal: AbortSignal): Promise<AcmeSession>
  /** The CA has forgotten the account, or its key may be another one by now: the next `open` finds out. */
  forget(reference: AccountReference): void
  /** Whether another process has changed the account's key, or begun to, since `open`. */
  isOutdated(reference: AccountReference): Promise<boolean>
  thumbprintOf(reference: AccountReference): Promise<string>
  /** The account's row in the books, made with a key when there is none. */
  recordOf(reference: AccountReference): Promise<AccountRecord>
  readonly keys: AccountKeys
}

interface Opened {
  readonly session: AcmeSession
  readonly sealedKey: Uint8Array
}

type Inner = AccountSessionsDeps & { readonly keys: AccountKeys }

/**
 * Steps: (1) the key is made and sealed in the database; (2) the CA makes the account, or finds the one of this key; (3) its URL is kept. A crash
 * between any two of them makes no second account: a key has one.
 */
export function createAccountSessions(given: AccountSessionsDeps): AccountSessions {
  const deps = { ...given, keys: createAccountKeys(given.secrets) }
  const open = new Map<string, Promise<Opened>>()
  const idOf = ({ name, directoryUrl }: AccountReference): string => `${name} ${directoryUrl}`
  return {
    keys: deps.keys,
    recordOf: (reference) => recordOf(reference, deps),
    async open(reference, signal) {
      const id = idOf(reference)
      const opening = open.get(id) ?? openSession(reference, deps, signal)
      open.set(id, opening)
      opening.catch(() => (open.get(id) === opening ? open.delete(id) : undefined))
      return (await opening).session
    },
    forget: (reference) => void open.delete(idOf(reference)),
    async isOutdated(reference) {
      const opened = await open.get(idOf(reference))?.catch(() => undefined)
      const record = await deps.books.account(reference)
      if (opened === undefined || record === null) return false
      return record.sealedNextKey !== null || Buffer.compare(record.sealedKey, opened.sealedKey) !== 0
    },
    async thumbprintOf(reference) {
      const { sealedKey } = await recordOf(reference, deps)
      return deps.keys.open(reference, sealedKey).thumbprint
    },
  }
}

async function openSession(reference: AccountReference, deps: Inner, signal: AbortSignal): Promise<Opened> {
  const record = await recordOf(reference, deps)
  const server = deps.serverFor(reference.directoryUrl)
  const rolled = await findRolledOver(record, server, deps, signal)
  const sealedKey = rolled?.sealedKey ?? record.sealedKey
  const key = rolled?.key ?? deps.keys.open(reference, sealedKey)
  const wish = wishOf(configuredAs(reference, deps))
  const account =
    rolled?.account ??
    (await findAccount(server, key, signal)) ??
    (await registerAccount(server, key, wish, signal))
  if (account.status !== 'valid') {
    throw new Problem('authority-refused', {
      detail: `The account "${reference.name}" at the certificate authority is ${account.status}.`,
    })
  }
  if (account.url !== record.accountUrl) await deps.books.saveAccountUrl(reference, account.url)
  const session = { server, signer: { key, accountUrl: account.url } }
  // RFC 8555 section 7.3.2. What the configuration does not name is left as it is.
  if (wish.contacts.length > 0 && !sameTexts(account.contacts, wish.contacts))
    await tellContacts(session, wish.contacts, signal)
  return { session, sealedKey }
}

/** A CA that does not take them, or keeps none, does its work all the same: nothing is to expire for an address. */
async function tellContacts(
  session: AcmeSession,
  contacts: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await updateContacts(session, contacts, signal)
  } catch (error) {
    if (!(error instanceof AcmeRefusal) || isLimit(error.problem) || wantsPerson(error)) throw error
  }
}

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one.toSorted().join('\n') === other.toSorted().join('\n')

/** After a crash either key may be the account's (RFC 8555 section 7.3.5). When the CA knows the next one, it takes the place of the old one, which is gone then. */
async function findRolledOver(
  record: AccountRecord,
  server: AcmeServer,
  { books, keys }: Inner,
  signal: AbortSignal,
): Promise<{ readonly key: JwsKey; readonly sealedKey: Uint8Array; readonly account: AcmeAccount } | null> {
  const { sealedNextKey: sealedKey } = record
  if (sealedKey === null) return null
  const key = keys.open(record, sealedKey)
  const account = await findAccount(server, key, signal)
  if (account === null) return null
  await books.takeNextKey(record, sealedKey)
  return { key, sealedKey, account }
}

const wishOf = (configured: AuthorityAccount | null) => ({
  contacts: (configured?.contacts ?? []).map((address) => `mailto:${address}`),
  // Whoever configures the directory has read them; Let's Encrypt asks for it at every account.
  termsOfServiceAgreed: true,
  externalAccount: configured?.externalAccount ?? null,
})

const configuredAs = (
  reference: AccountReference,
  { accounts }: AccountSessionsDeps,
): AuthorityAccount | null =>
  accounts.find((one) => one.name === reference.name && one.directoryUrl === reference.directoryUrl) ?? null

async function recordOf(reference: AccountReference, deps: Inner): Promise<AccountRecord> {
  const { books, keys, clock } = deps
  const found = await books.account(reference)
  if (found !== null) return found
  const sealedKey = keys.import(reference, configuredAs(reference, deps)) ?? keys.make(reference)
  const { name, directoryUrl } = reference
  return books.insertAccount(
    { name, directoryUrl, sealedKey, sealedNextKey: null, accountUrl: null },
    clock.now(),
  )
}
