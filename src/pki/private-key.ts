import { type KeyObject, createPrivateKey, sign } from 'node:crypto'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { GeneratedKey } from '../ports/key-material.ts'
import { nothing, objectIdentifier, sequence } from './der.ts'
import { OID } from './object-identifiers.ts'
import { toPem } from './pem.ts'

const FORM = { ECDSA: 'sec1', RSA: 'pkcs1' } as const satisfies Record<KeyAlgorithm, string>

/** SEC1 and PKCS#1 parse several times faster than PKCS#8. */
export const openPrivateKey = (key: Pick<GeneratedKey, 'algorithm' | 'privateKey'>): KeyObject =>
  createPrivateKey({ key: Buffer.from(key.privateKey), format: 'der', type: FORM[key.algorithm] })

export const privateKeyPem = (key: Pick<GeneratedKey, 'algorithm' | 'privateKey'>): string =>
  toPem(key.algorithm === 'ECDSA' ? 'EC PRIVATE KEY' : 'RSA PRIVATE KEY', key.privateKey)

/** Signs structures, always with SHA-256. The key may live elsewhere: an HSM needs no more than this. */
export interface Signer {
  /** AlgorithmIdentifier, DER. RFC 5758 section 3.2: no parameters for ECDSA; RFC 4055 section 5: NULL for RSA. */
  readonly algorithmIdentifier: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

export function createSigner(algorithm: KeyAlgorithm, key: KeyObject): Signer {
  const algorithmIdentifier =
    algorithm === 'ECDSA'
      ? sequence(objectIdentifier(OID.ecdsaWithSha256))
      : sequence(objectIdentifier(OID.sha256WithRsa), nothing())
  return { algorithmIdentifier, sign: (message) => sign('sha256', message, key) }
}
