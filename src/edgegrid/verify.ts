import { timingSafeEqual } from 'node:crypto'
import type { AccountId } from '../domain/identifiers.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { Clock } from '../ports/clock.ts'
import {
  dataToSign,
  type ParsedAuthorization,
  parseAuthorization,
  parseTimestamp,
  signatureOf,
} from './sign.ts'

/** EdgeGrid's own limit (spec: behaviour F2.3). */
export const CLOCK_SKEW_SECONDS = 30

export type ClientRole = 'admin' | 'operator' | 'read-only'

export interface ApiCredential {
  readonly accessToken: string
  readonly clientSecret: string
  readonly accountId: AccountId
  readonly clientId: string
  readonly name: string
  readonly role: ClientRole
  readonly disabled: boolean
  /** Real clock; null: it does not end by itself. */
  readonly expiresAt: Instant | null
  /** The accounts besides its own that it may act on by their switch keys. */
  readonly switchesTo: 'any' | readonly AccountId[]
}

/**
 * Two calls, and not one, on purpose. A nonce is burnt only by a request whose signature holds: if look-up and nonce came in one
 * statement, anybody who has seen a client token (it is no secret) could spend nonces that the genuine client is about to use, and fill
 * the table besides. The price is a second round trip per request, below 0.2 ms over the local socket; `find` may be
 * answered from a cache of a few seconds, which makes it one again. Acceptance and nonce are still one act: `claimNonce` is a single
 * insert that only one of two equal requests can win.
 */
export interface CredentialLookup {
  /** Null: no such client token. */
  find(clientToken: string): Promise<ApiCredential | null>
  /**
   * True for one caller per (client token, nonce) at most, across processes and restarts, for as long as the timestamp is good: from 30 s
   * before to 30 s after `signedAt` (real clock), and a margin for clocks that differ between processes. A store that has
   * forgotten nonces in an unclean stop answers false to whatever was signed before its memory begins.
   */
  claimNonce(clientToken: string, nonce: string, signedAt: Instant): Promise<boolean>
  /** After a request of the credential was accepted: when it was used last. May be kept to the minute. */
  noteUse(clientToken: string, at: Instant): Promise<void>
  /** The account that an account switch key stands for; null: none. */
  switchTo(credential: ApiCredential, switchKey: string): Promise<AccountId | null>
}

export interface SignedRequest {
  readonly method: string
  /** Path and query as on the wire. */
  readonly rawPath: string
  readonly host: string
  /** The header's value; null when there is none. */
  readonly authorization: string | null
  /** At least its first 131,072 octets. */
  readonly body: Uint8Array
}

export interface VerifiedClient {
  /** The account that the call acts on, after an account switch. */
  readonly accountId: AccountId
  readonly clientId: string
  readonly clientName: string
  readonly role: ClientRole
}

export interface Verifier {
  /** @throws Problem 'bad-request' | 'not-authorized' | 'forbidden' with EdgeGrid's own words (spec: behaviour E3). */
  verify(request: SignedRequest): Promise<VerifiedClient>
}

export interface VerifierDependencies {
  readonly credentials: CredentialLookup
  /** The real clock. */
  readonly clock: Clock
}

/** EG1-HMAC-SHA256 as spec: behaviour F2 has it, in its order; only the nonce comes after the signature (see CredentialLookup). */
export function createVerifier(dependencies: VerifierDependencies): Verifier {
  const { credentials, clock } = dependencies

  async function verify(request: SignedRequest): Promise<VerifiedClient> {
    const fields = readHeader(request.authorization)
    const credential = await credentials.find(fields.clientToken)
    if (credential === null) throw badRequest('Invalid client token')
    if (credential.disabled || isPast(credential.expiresAt, clock.now()))
      throw notAuthorized('Inactive client token')
    if (!equalTexts(fields.accessToken, credential.accessToken))
      throw notAuthorized('The signature does not match')
    const signedAt = readTimestamp(fields.timestamp)
    const data = dataToSign({
      method: request.method,
      host: request.host,
      target: request.rawPath,
      body: request.body,
      unsigned: fields.unsigned,
    })
    if (!equalTexts(fields.signature, signatureOf(credential.clientSecret, fields.timestamp, data)))
      throw notAuthorized('The signature does not match')
    if (!(await credentials.claimNonce(fields.clientToken, fields.nonce, signedAt)))
      throw badRequest('Invalid nonce')
    await credentials.noteUse(fields.clientToken, clock.now())
    return {
      accountId: await actingAccount(credential, request.rawPath),
      clientId: credential.clientId,
      clientName: credential.name,
      role: credential.role,
    }
  }

  function readTimestamp(text: string): Instant {
    const signedAt = parseTimestamp(text)
    if (signedAt === null || Math.abs(clock.now() - signedAt) > CLOCK_SKEW_SECONDS * SECOND)
      throw badRequest('Invalid timestamp')
    return signedAt
  }

  async function actingAccount(credential: ApiCredential, rawPath: string): Promise<AccountId> {
    const switchKey = new URLSearchParams(rawPath.split('?').slice(1).join('?')).get('accountSwitchKey')
    if (switchKey === null || switchKey === '') return credential.accountId
    const account = await credentials.switchTo(credential, switchKey)
    if (account === null || !maySwitchTo(credential, account))
      throw new Problem('forbidden', {
        detail: 'The client does not have the grant needed for the request',
        members: { authzRealm: credential.clientId },
      })
    return account
  }

  return { verify }
}

function readHeader(authorization: string | null): ParsedAuthorization {
  if (authorization === null || authorization.trim() === '') throw badRequest('Authorization header missing')
  const fields = parseAuthorization(authorization)
  if (fields === null) throw badRequest('Invalid authorization header')
  return fields
}

const isPast = (at: Instant | null, now: Instant): boolean => at !== null && at <= now

/** Its own account's key changes nothing, and is what a pipeline carries that has one. */
const maySwitchTo = ({ accountId, switchesTo }: ApiCredential, account: AccountId): boolean =>
  account === accountId || switchesTo === 'any' || switchesTo.includes(account)

/** Constant in time for texts of one length; lengths are no secret. */
function equalTexts(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}

const badRequest = (detail: string): Problem => new Problem('bad-request', { detail })
const notAuthorized = (detail: string): Problem => new Problem('not-authorized', { detail })
