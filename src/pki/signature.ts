import { type KeyObject, verify } from 'node:crypto'
import { childrenOf, onlyElement } from './der-reader.ts'
import { signatureHashOf } from './signature-hash.ts'

/** Collisions are cheap, and what is signed is chosen by strangers. */
const BROKEN_HASHES: readonly string[] = ['MD5', 'SHA-1']

/**
 * Whether `SEQUENCE { toBeSigned, AlgorithmIdentifier, BIT STRING }`, which is how RFC 5280 and RFC 6960 sign, was signed by the key: PKCS #1 v1.5 or
 * ECDSA. False for what has another shape.
 */
export function isSignedBy(signed: Uint8Array, key: KeyObject): boolean {
  try {
    const [unsigned, algorithm, signature] = childrenOf(onlyElement(signed))
    if (unsigned === undefined || algorithm === undefined || signature === undefined) return false
    const hash = signatureHashOf(algorithm)
    if (BROKEN_HASHES.includes(hash) || signature.content[0] !== 0) return false
    return verify(hash.replace('-', ''), unsigned.whole, key, signature.content.subarray(1))
  } catch {
    return false
  }
}
