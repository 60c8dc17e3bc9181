import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCertificateReader } from './certificate-reader.ts'
import { createKeyMaterial, generateEcKey, generateRsaKey } from './key-material.ts'
import { toPem } from './pem.ts'
import { weaknessOf, openPublicKey } from './public-key.ts'
import { openPrivateKey } from './private-key.ts'
import { writeSigningRequest } from './signing-request.ts'
import { readSigningRequest, signingRequestPublicKey } from './signing-request-reader.ts'

const key = generateEcKey()
const subject = { cn: 'a.example', o: 'Ä GmbH', l: 'Köln', st: 'NRW', c: 'DE' }

const derOf = (pem: string): Buffer => Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64')
const malformed = expect.objectContaining({ code: 'malformed-signing-request' })

describe('key material', () => {
  const material = createKeyMaterial()

  it('makes P-256 keys in SEC1 and RSA keys of 2048 bits in PKCS#1', async () => {
    const ec = await material.generate('ECDSA')
    expect(openPrivateKey(ec).asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    const rsa = await material.generate('RSA')
    expect(openPrivateKey(rsa).asymmetricKeyDetails?.modulusLength).toBe(2048)
    expect([weaknessOf(openPublicKey(ec.publicKey)), weaknessOf(openPublicKey(rsa.publicKey))]).toEqual([
      null,
      null,
    ])
  })

  it('takes RSA keys from where it is told to', async () => {
    const pooled = await generateRsaKey()
    const fromPool = createKeyMaterial({ rsaKeys: async () => pooled })
    expect(await fromPool.generate('RSA')).toBe(pooled)
  })

  it.each(['ECDSA', 'RSA'] as const)(
    'writes a request that a library reads and verifies, with an %s key',
    async (algorithm) => {
      const generated = await material.generate(algorithm)
      const names = Array.from({ length: 100 }, (_, n) => `n${n}.a.example`)
      const facts = await readSigningRequest(await material.createSigningRequest(generated, subject, names))
      expect(facts).toMatchObject({ commonNames: ['a.example'], dnsNames: names, otherNames: 0 })
      expect(Buffer.compare(facts.publicKey, generated.publicKey)).toBe(0)
    },
  )
})

describe('signing requests', () => {
  it('leaves a common name out that is longer than 64 characters', async () => {
    const long = `${'a'.repeat(60)}.example`
    const facts = await readSigningRequest(writeSigningRequest(key, { cn: long }, [long]))
    expect(facts).toMatchObject({ commonNames: [], dnsNames: [long] })
  })

  it('asks for no names when none are given', async () => {
    const facts = await readSigningRequest(writeSigningRequest(key, { cn: 'a.example' }, []))
    expect(facts).toMatchObject({ commonNames: ['a.example'], dnsNames: [] })
  })

  it('refuses a subject beyond the bounds of RFC 5280, naming the member', () => {
    expect(() => writeSigningRequest(key, { cn: null, o: 'x'.repeat(65) }, ['a.example'])).toThrowError(
      expect.objectContaining({ detail: "The subject's o is longer than 64 characters." }),
    )
  })

  it('shares its key fingerprint with the key', () => {
    const expected = createHash('sha256').update(key.publicKey).digest('hex')
    const pem = writeSigningRequest(key, subject, ['a.example'])
    expect(createCertificateReader().signingRequestKeyFingerprint(pem)).toBe(expected)
    expect(Buffer.compare(signingRequestPublicKey(pem), key.publicKey)).toBe(0)
  })

  it('refuses a request whose key did not sign it', async () => {
    const other = generateEcKey()
    const der = derOf(writeSigningRequest(key, subject, ['a.example']))
    der.set(other.publicKey, der.indexOf(key.publicKey))
    await expect(readSigningRequest(toPem('CERTIFICATE REQUEST', der))).rejects.toEqual(malformed)
  })

  it('refuses a request that was changed after it was signed', async () => {
    const der = derOf(writeSigningRequest(key, subject, ['a.example']))
    der.write('b.example', der.lastIndexOf('a.example'))
    await expect(readSigningRequest(toPem('CERTIFICATE REQUEST', der))).rejects.toEqual(malformed)
  })

  it.each([
    ['no PEM', 'hello'],
    ['another block', toPem('CERTIFICATE', Buffer.from('3000', 'hex'))],
    ['DER of something else', toPem('CERTIFICATE REQUEST', Buffer.from('300330010102', 'hex'))],
    ['two blocks', writeSigningRequest(key, subject, []).repeat(2)],
    ['too much', 'x'.repeat(70_000)],
  ])('refuses %s', async (_, pem) => {
    await expect(readSigningRequest(pem)).rejects.toEqual(malformed)
    expect(() => signingRequestPublicKey(pem)).toThrowError(malformed)
  })
})
