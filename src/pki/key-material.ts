import { generateKeyPair, generateKeyPairSync } from 'node:crypto'
import type { GeneratedKey, KeyMaterial } from '../ports/key-material.ts'
import { writeSigningRequest } from './signing-request.ts'

export interface KeyMaterialOptions {
  /** Where RSA keys come from: a pool, when one is running. Default: made on demand, 0.13 to 0.2 CPU-seconds each, off the event loop. */
  readonly rsaKeys?: () => Promise<GeneratedKey>
}

export function createKeyMaterial({ rsaKeys = generateRsaKey }: KeyMaterialOptions = {}): KeyMaterial {
  return {
    generate: async (algorithm) => (algorithm === 'ECDSA' ? generateEcKey() : rsaKeys()),
    createSigningRequest: async (key, subject, dnsNames) => writeSigningRequest(key, subject, dnsNames),
  }
}

/** P-256. 0.05 ms: a trip through the thread pool would cost more. */
export function generateEcKey(): GeneratedKey {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  })
  return { algorithm: 'ECDSA', ...pair }
}

/** RSA, 2048 bits, exponent 65537. */
export function generateRsaKey(): Promise<GeneratedKey> {
  return new Promise((resolve, reject) => {
    generateKeyPair(
      'rsa',
      {
        modulusLength: 2048,
        privateKeyEncoding: { type: 'pkcs1', format: 'der' },
        publicKeyEncoding: { type: 'spki', format: 'der' },
      },
      (error, publicKey, privateKey) =>
        error === null ? resolve({ algorithm: 'RSA', privateKey, publicKey }) : reject(error),
    )
  })
}
