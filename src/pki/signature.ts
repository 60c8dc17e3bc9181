import { constants, type KeyObject, verify } from 'node:crypto'
import { childOf, childrenOf, onlyElement, readObjectIdentifier } from './der-reader.ts'
import { OID } from './object-identifiers.ts'
import { signatureHashOf } from './signature-hash.ts'

/** No older ones: collisions are cheap there, and what is signed is chosen by strangers. */
const HASHES: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512']

/**
 * Whether `SEQUENCE { toBeSigned, AlgorithmIdentifier, BIT STRING }`, which is how RFC 5280 and RFC 6960 sign, was signed by the key: RSA or ECDSA. False for what has another shape.
 */
export function isSignedBy(signed: Uint8Array, key: KeyObject): boolean {
  try {
    const [unsigned, algorithm, signature] = childrenOf(onlyElement(signed))
    if (unsigned === undefined || algorithm === undefined || signature === undefined) return false
    const hash = signatureHashOf(algorithm)
    if (!HASHES.includes(hash) || signature.content[0] !== 0) return false
    const isPss = readObjectIdentifier(childOf(algorithm, 0).content) === OID.rsaPss
    const padding = isPss
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
      : {}
    return verify(hash.replace('-', ''), unsigned.whole, { key, ...padding }, signature.content.subarray(1))
  } catch {
    return false
  }
}
