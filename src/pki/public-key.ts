import { type KeyObject, createHash, createPublicKey } from 'node:crypto'
import { modulusWeakness } from './weak-modulus.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'

export interface PublicKeyFacts {
  readonly algorithm: KeyAlgorithm
  readonly bits: number
}

const CURVE_BITS: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 }
const RSA_TYPES: readonly (string | undefined)[] = ['rsa', 'rsa-pss']

/** Null for keys that are neither RSA nor ECDSA on a NIST curve. */
export function publicKeyFacts(key: KeyObject): PublicKeyFacts | null {
  const details = key.asymmetricKeyDetails ?? {}
  if (RSA_TYPES.includes(key.asymmetricKeyType)) return { algorithm: 'RSA', bits: details.modulusLength ?? 0 }
  const bits = CURVE_BITS[details.namedCurve ?? '']
  return key.asymmetricKeyType === 'ec' && bits !== undefined ? { algorithm: 'ECDSA', bits } : null
}

/** Why a CA would not sign this key (BR section 6.1.5, 6.1.6), or null. The upper bound on RSA is ours: it costs every client. */
export function weaknessOf(key: KeyObject): string | null {
  const facts = publicKeyFacts(key)
  if (facts === null) return 'The key is neither RSA nor ECDSA on P-256, P-384 or P-521.'
  if (facts.algorithm === 'ECDSA') return null
  if (key.asymmetricKeyType !== 'rsa') return 'RSA keys bound to PSS are not accepted.'
  if (facts.bits < 2048 || facts.bits > 8192) return `An RSA key has 2048 to 8192 bits, not ${facts.bits}.`
  if (facts.bits % 8 !== 0) return `The bits of an RSA key are a multiple of 8, not ${facts.bits}.`
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n
  if (exponent % 2n === 0n || exponent < 65_537n || exponent >= 1n << 256n) {
    return 'The RSA exponent is odd, at least 65537 and below 2^256.'
  }
  return modulusWeakness(modulusOf(key))
}

const modulusOf = (key: KeyObject): bigint =>
  BigInt(`0x${Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`)

/** SHA-256 of a SubjectPublicKeyInfo, lower-case hex. */
export const fingerprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex')

export const openPublicKey = (der: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
