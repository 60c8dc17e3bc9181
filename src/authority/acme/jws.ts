import { createHash, createHmac, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { Problem } from '../../errors/problem.ts'

/** RFC 7515, as RFC 8555 section 6.2 has it: flattened JSON, one signature. */
export interface Jws {
  readonly protected: string
  readonly payload: string
  readonly signature: string
}

export interface JwsHeader {
  readonly nonce?: string
  readonly url: string
  readonly kid?: string
  readonly jwk?: PublicJwk
}

export type PublicJwk = Readonly<Record<string, string>>

/** A key that signs requests. Its public half and algorithm are worked out once: parsing costs more than signing. */
export interface JwsKey {
  readonly algorithm: 'ES256' | 'ES384' | 'RS256'
  readonly jwk: PublicJwk
  /** RFC 7638; what a key authorization ends in (RFC 8555 section 8.1). */
  readonly thumbprint: string
  sign(message: string): Buffer
}

export function createJwsKey(key: KeyObject): JwsKey {
  const algorithm = algorithmOf(key)
  const jwk = publicJwk(key)
  const digest = algorithm === 'ES384' ? 'sha384' : 'sha256'
  return {
    algorithm,
    jwk,
    thumbprint: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url'),
    // RFC 7518 section 3.4: both numbers side by side, no DER.
    sign: (message) => sign(digest, Buffer.from(message), { key, dsaEncoding: 'ieee-p1363' }),
  }
}

/** `payload` null: POST-as-GET (RFC 8555 section 6.3), whose payload is the empty text. */
export function signJws(key: JwsKey, header: JwsHeader, payload: unknown): Jws {
  return sealed({ alg: key.algorithm, ...header }, payload, (message) => key.sign(message))
}

/** RFC 8555 section 7.3.4: the account's key, signed by the MAC key that the CA gave out. */
export function bindExternalAccount(
  key: JwsKey,
  { kid, hmacKey }: { readonly kid: string; readonly hmacKey: string },
  url: string,
): Jws {
  const secret = Buffer.from(hmacKey, 'base64url')
  return sealed({ alg: 'HS256', kid, url }, key.jwk, (message) =>
    createHmac('sha256', secret).update(message).digest(),
  )
}

function sealed(header: object, payload: unknown, signer: (message: string) => Buffer): Jws {
  const encodedHeader = encoded(header)
  const encodedPayload = payload === null ? '' : encoded(payload)
  const signature = signer(`${encodedHeader}.${encodedPayload}`).toString('base64url')
  return { protected: encodedHeader, payload: encodedPayload, signature }
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function algorithmOf(key: KeyObject): JwsKey['algorithm'] {
  if (key.asymmetricKeyType === 'rsa') return 'RS256'
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve === 'prime256v1') return 'ES256'
  if (curve === 'secp384r1') return 'ES384'
  throw new Problem('authority-refused', {
    detail: 'An ACME account has a key of RSA, or of ECDSA on P-256 or P-384.',
  })
}

/** RFC 7638 section 3: the required members alone, in lexical order. */
function publicJwk(key: KeyObject): PublicJwk {
  const {
    crv = '',
    e = '',
    kty = '',
    n = '',
    x = '',
    y = '',
  } = createPublicKey(key).export({ format: 'jwk' })
  return kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }
}
