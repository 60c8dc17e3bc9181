import { createHash, createHmac } from 'node:crypto'
import { type Instant, instant } from '../domain/time.ts'

/** EdgeGrid hashes no more of a body than this (spec: behaviour F2.5; `max_body` of an edgerc). */
export const HASHED_BODY_BYTES = 131_072

const SCHEME = 'EG1-HMAC-SHA256'
const LONGEST_FIELD = 256

export interface EdgegridCredential {
  readonly clientToken: string
  readonly accessToken: string
  readonly clientSecret: string
}

export interface ParsedAuthorization {
  readonly clientToken: string
  readonly accessToken: string
  /** As sent: `yyyyMMddTHH:mm:ss+0000` if the caller did well (parseTimestamp). */
  readonly timestamp: string
  readonly nonce: string
  /** Base64. */
  readonly signature: string
  /** The header's value up to and including `nonce=…;`: the last part of what is signed. */
  readonly unsigned: string
}

export interface SignedParts {
  readonly method: string
  /** Exactly as in the Host header, with the port if there is one. */
  readonly host: string
  /** Path and query exactly as on the wire: never decoded, folded or sorted. */
  readonly target: string
  readonly body: Uint8Array
  /** ParsedAuthorization.unsigned */
  readonly unsigned: string
}

export interface RequestToSign {
  readonly method: string
  readonly url: string
  readonly host: string
  readonly body: Uint8Array | string | null
  readonly credential: EdgegridCredential
  readonly timestamp: string
  readonly nonce: string
}

/** Null when the value is not an EdgeGrid header with its five fields in their order (spec: behaviour F1). */
export function parseAuthorization(header: string): ParsedAuthorization | null {
  const match =
    /^(EG1-HMAC-SHA256 client_token=([^;\s]+);access_token=([^;\s]+);timestamp=([^;\s]+);nonce=([^;\s]+);)signature=([A-Za-z0-9+/]+={0,2})$/.exec(
      header.trim(),
    )
  if (match === null) return null
  const [, unsigned, clientToken, accessToken, timestamp, nonce, signature] =
    match as unknown as readonly string[]
  const fields = { clientToken, accessToken, timestamp, nonce, signature, unsigned } as ParsedAuthorization
  const tooLong = [
    fields.clientToken,
    fields.accessToken,
    fields.timestamp,
    fields.nonce,
    fields.signature,
  ].some((field) => field.length > LONGEST_FIELD)
  return tooLong ? null : fields
}

/** Base64 of SHA-256 over the first 131,072 octets of a POST body; empty for everything else, so a PUT body is not covered. */
export function contentHash(method: string, body: Uint8Array): string {
  if (method.toUpperCase() !== 'POST' || body.length === 0) return ''
  return createHash('sha256').update(body.subarray(0, HASHED_BODY_BYTES)).digest('base64')
}

/** The seven parts, tab-joined (spec: behaviour F2.6). No header is ever signed for CPS, so the fifth is empty. */
export function dataToSign(parts: SignedParts): string {
  const { method, host, target, body, unsigned } = parts
  return [method.toUpperCase(), 'https', host, target, '', contentHash(method, body), unsigned].join('\t')
}

/** Base64. The signing key is used as its text, not as the octets it stands for (spec: behaviour F2.7). */
export function signatureOf(clientSecret: string, timestamp: string, data: string): string {
  return hmac(signingKeyOf(clientSecret, timestamp), data)
}

export const signingKeyOf = (clientSecret: string, timestamp: string): string => hmac(clientSecret, timestamp)

/** The value of the Authorization header. `url` may be a whole URL or a path with its query; `host` goes into the signature. */
export function signRequest(request: RequestToSign): string {
  const { credential, timestamp, nonce } = request
  const unsigned = `${SCHEME} client_token=${credential.clientToken};access_token=${credential.accessToken};timestamp=${timestamp};nonce=${nonce};`
  const body = typeof request.body === 'string' ? new TextEncoder().encode(request.body) : request.body
  const data = dataToSign({
    method: request.method,
    host: request.host,
    target: targetOf(request.url),
    body: body ?? new Uint8Array(),
    unsigned,
  })
  return `${unsigned}signature=${signatureOf(credential.clientSecret, timestamp, data)}`
}

/** `yyyyMMddTHH:mm:ss+0000` */
export function edgegridTimestamp(at: Instant): string {
  const iso = new Date(at).toISOString()
  return `${iso.slice(0, 10).replaceAll('-', '')}T${iso.slice(11, 19)}+0000`
}

/** Null when it is not a moment in that form. */
export function parseTimestamp(text: string): Instant | null {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2}:\d{2}:\d{2})\+0000$/.exec(text)
  if (match === null) return null
  const parsed = Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}Z`)
  // Date.parse rolls 31 February over into March: a moment that does not print as it was read is none.
  return Number.isNaN(parsed) || edgegridTimestamp(instant(parsed)) !== text ? null : instant(parsed)
}

const hmac = (key: string, message: string): string =>
  createHmac('sha256', key).update(message).digest('base64')

function targetOf(url: string): string {
  const match = /^[a-z]+:\/\/[^/?#]*([^#]*)/i.exec(url)
  const target = match === null ? url : (match[1] ?? '')
  return target.startsWith('/') ? target : `/${target}`
}
