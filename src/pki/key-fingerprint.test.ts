import { createHash, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { instant } from '../domain/time.ts'
import { testRoot } from '../../test/support/test-certificates.ts'
import { publicKeyFingerprintIn } from './key-fingerprint.ts'
import { generateEcKey, generateRsaKey } from './key-material.ts'
import { toPem } from './pem.ts'
import { privateKeyPem } from './private-key.ts'
import { writeSigningRequest } from './signing-request.ts'

const hash = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex')
const NOBODY = { c: null, st: null, l: null, o: null, ou: null, cn: 'a.example' }

describe('the fingerprint of a key', () => {
  it('is the same from a certificate, a signing request and the key itself', async () => {
    const root = testRoot({ cn: 'R', at: instant(Date.UTC(2026, 0, 1)) })
    expect(publicKeyFingerprintIn(toPem('CERTIFICATE', root.der))).toBe(hash(root.key.publicKey))
    const key = generateEcKey()
    const request = writeSigningRequest(key, NOBODY, ['a.example'])
    const spki = createPublicKey({ key: Buffer.from(key.publicKey), format: 'der', type: 'spki' })
    const pem = spki.export({ format: 'pem', type: 'spki' }).toString()
    for (const text of [request, pem]) expect(publicKeyFingerprintIn(text)).toBe(hash(key.publicKey))
  })

  it('is that of the SubjectPublicKeyInfo for a key in PKCS#1, too', async () => {
    const { publicKey } = await generateRsaKey()
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
    expect(publicKeyFingerprintIn(key.export({ format: 'pem', type: 'pkcs1' }).toString())).toBe(
      hash(publicKey),
    )
  })

  it.each([
    ['a private key', () => privateKeyPem(generateEcKey()), /It was not stored/],
    ['nothing', () => 'a key', /One PEM block/],
    ['something else', () => '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----', /One PEM block/],
    ['no key at all', () => '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', /cannot be read/],
    ['half a block', () => '-----BEGIN PUBLIC KEY-----\nAAAA', /not PEM/],
  ])('is not made of %s', (_, text, why) => {
    expect(() => publicKeyFingerprintIn(text())).toThrow(why)
  })
})
