import { serverUrl } from './directory.ts'
import { objectIn, oneOfIn, textOr, unfit } from './json.ts'
import { bindExternalAccount, type JwsKey } from './jws.ts'
import { AcmeRefusal } from './problem.ts'
import type { AcmeResponse } from './send.ts'
import type { AcmeServer } from './server.ts'
import { type AcmeSession, post } from './session.ts'

const STATUSES = ['valid', 'deactivated', 'revoked'] as const
const WHAT = 'an account'

/** RFC 8555 section 7.1.2. */
export interface AcmeAccount {
  readonly url: string
  readonly status: (typeof STATUSES)[number]
  readonly contacts: readonly string[]
  /** Its list of orders (section 7.1.2.1); not every server has one. */
  readonly ordersUrl: string | null
}

/** RFC 8555 section 7.3.4: what a CA hands to its customers. `hmacKey`: base64url. */
export interface ExternalAccountBinding {
  readonly kid: string
  readonly hmacKey: string
}

export interface AccountWish {
  /** `mailto:` URLs. */
  readonly contacts: readonly string[]
  readonly termsOfServiceAgreed: boolean
  readonly externalAccount: ExternalAccountBinding | null
}

/** The account of this key, made if there is none: a key has one account, so a repeat finds the first (section 7.3). */
export async function registerAccount(
  server: AcmeServer,
  key: JwsKey,
  wish: AccountWish,
  signal: AbortSignal,
): Promise<AcmeAccount> {
  const { newAccount } = await server.directory(signal)
  const payload = accountPayload(key, wish, newAccount)
  return accountIn(
    await server.post({ key, accountUrl: null }, { url: newAccount, payload }, signal),
    newAccount,
  )
}

export const accountPayload = (key: JwsKey, wish: AccountWish, url: string) => ({
  termsOfServiceAgreed: wish.termsOfServiceAgreed,
  ...(wish.contacts.length === 0 ? {} : { contact: wish.contacts }),
  ...(wish.externalAccount === null
    ? {}
    : { externalAccountBinding: bindExternalAccount(key, wish.externalAccount, url) }),
})

/** The second one is said by CAs that look at what a new account needs before they look for the one that was asked for. */
const UNKNOWN = ['accountDoesNotExist', 'externalAccountRequired']

/** The account of this key, or null: nothing is made (section 7.3.1). */
export async function findAccount(
  server: AcmeServer,
  key: JwsKey,
  signal: AbortSignal,
): Promise<AcmeAccount | null> {
  const { newAccount } = await server.directory(signal)
  const payload = { onlyReturnExisting: true }
  try {
    return accountIn(
      await server.post({ key, accountUrl: null }, { url: newAccount, payload }, signal),
      newAccount,
    )
  } catch (error) {
    if (error instanceof AcmeRefusal && UNKNOWN.includes(error.problem.type)) return null
    throw error
  }
}

/** Section 7.3.2: contacts are replaced. */
export async function updateContacts(
  session: AcmeSession,
  contacts: readonly string[],
  signal: AbortSignal,
): Promise<AcmeAccount> {
  const { accountUrl } = session.signer
  return readAccount(await post(session, accountUrl, { contact: contacts }, { signal }), accountUrl)
}

/** Section 7.3.6: for good. */
export async function deactivateAccount(session: AcmeSession, signal: AbortSignal): Promise<AcmeAccount> {
  const { accountUrl } = session.signer
  return readAccount(await post(session, accountUrl, { status: 'deactivated' }, { signal }), accountUrl)
}

/** Where an account stands is in the header of the answer, and may be relative to what was asked (RFC 9110 section 10.2.2). */
function accountIn(response: AcmeResponse, asked: string): AcmeAccount {
  const location = response.header('location')
  if (location === null) throw unfit(WHAT, 'its URL is missing')
  return readAccount(response, serverUrl(location, WHAT, asked))
}

function readAccount(response: AcmeResponse, url: string): AcmeAccount {
  const body = objectIn(response.body, WHAT)
  const orders = textOr(body['orders'], '')
  const contacts = Array.isArray(body['contact']) ? body['contact'] : []
  return {
    url,
    status: oneOfIn(body, 'status', STATUSES, WHAT),
    contacts: contacts.filter((one) => typeof one === 'string'),
    ordersUrl: orders === '' ? null : serverUrl(orders, WHAT, url),
  }
}
