import { createPrivateKey, type KeyObject } from 'node:crypto'
import { Problem } from '../../errors/problem.ts'
import { generateEcKey } from '../../pki/key-material.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SecretContext, Secrets } from '../../ports/secrets.ts'
import { findAccount, registerAccount } from './account.ts'
import type { AuthorityAccount } from './account-choice.ts'
import type { AcmeBooks, AccountRecord, AccountReference } from './books.ts'
import { createJwsKey, type JwsKey } from './jws.ts'
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
  /** The CA has forgotten the account: the next `open` registers it anew, with the same key. */
  forget(reference: AccountReference): void
  thumbprintOf(reference: AccountReference): Promise<string>
}

/**
 * Steps: (1) the key is made and sealed in the database; (2) the CA makes the account, or finds the one of this key; (3) its URL is kept. A crash
 * between any two of them makes no second account: a key has one.
 */
export function createAccountSessions(deps: AccountSessionsDeps): AccountSessions {
  const open = new Map<string, Promise<AcmeSession>>()
  const idOf = ({ name, directoryUrl }: AccountReference): string => `${name} ${directoryUrl}`
  const sessions: AccountSessions = {
    open(reference, signal) {
      const id = idOf(reference)
      const found = open.get(id)
      if (found !== undefined) return found
      const opening = openSession(reference, deps, signal)
      open.set(id, opening)
      opening.catch(() => open.delete(id))
      return opening
    },
    forget: (reference) => void open.delete(idOf(reference)),
    thumbprintOf: async (reference) => keyOf(await recordOf(reference, deps), deps).thumbprint,
  }
  return sessions
}

async function openSession(
  reference: AccountReference,
  deps: AccountSessionsDeps,
  signal: AbortSignal,
): Promise<AcmeSession> {
  const record = await recordOf(reference, deps)
  const key = keyOf(record, deps)
  const server = deps.serverFor(reference.directoryUrl)
  const configured = configuredAs(reference, deps)
  const found = await findAccount(server, key, signal)
  const account = found ?? (await registerAccount(server, key, wishOf(configured), signal))
  if (account.status !== 'valid') {
    throw new Problem('authority-refused', {
      detail: `The account "${reference.name}" at the certificate authority is ${account.status}.`,
    })
  }
  if (account.url !== record.accountUrl) await deps.books.saveAccountUrl(reference, account.url)
  return { server, signer: { key, accountUrl: account.url } }
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

async function recordOf(reference: AccountReference, deps: AccountSessionsDeps): Promise<AccountRecord> {
  const found = await deps.books.account(reference)
  if (found !== null) return found
  const privateKey = importedKey(configuredAs(reference, deps)) ?? generateEcKey().privateKey
  const sealedKey = deps.secrets.seal(privateKey, contextOf(reference))
  return deps.books.insertAccount({ ...reference, sealedKey, accountUrl: null }, deps.clock.now())
}

/** An account that stands at the CA already is taken over with its key. */
function importedKey(configured: AuthorityAccount | null): Uint8Array | null {
  if (configured?.keyPem === null || configured === null) return null
  try {
    return createPrivateKey(configured.keyPem).export({ format: 'der', type: 'pkcs8' })
  } catch {
    throw new Problem('authority-refused', {
      detail: `The key file of the account "${configured.name}" holds no private key that can be read.`,
    })
  }
}

const keyOf = (record: AccountRecord, { secrets }: AccountSessionsDeps): JwsKey =>
  jwsKey(secrets.open(record.sealedKey, contextOf(record)))

const jwsKey = (der: Uint8Array): JwsKey => createJwsKey(privateKeyOf(Buffer.from(der)))

/** Ours are SEC1, imported ones PKCS#8. */
function privateKeyOf(key: Buffer): KeyObject {
  try {
    return createPrivateKey({ key, format: 'der', type: 'sec1' })
  } catch {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  }
}

const contextOf = ({ name, directoryUrl }: AccountReference): SecretContext => ({
  account: 'system',
  object: `acme-account:${name}:${directoryUrl}`,
  version: 1,
})
