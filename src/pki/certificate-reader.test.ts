import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNodeRandom } from '../../test/support/node-random.ts'
import { testLeaf, testRoot } from '../../test/support/test-certificates.ts'
import { DAY, HOUR, instant, plus } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import { createCertificateReader } from './certificate-reader.ts'
import { sequence, utf8String } from './der.ts'
import { issueCertificate } from './issue.ts'
import { generateRsaKey } from './key-material.ts'
import { PROFILES } from './profiles.ts'
import { toPem } from './pem.ts'

const reader = createCertificateReader()
const at = instant(1_795_000_000_000)
const root = testRoot({ cn: 'Root', at })
const leaf = testLeaf(root, { cn: 'a.example', at })
const pem = toPem('CERTIFICATE', leaf.der)

const refusal = (action: () => unknown): Problem => {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(Problem)
    return error as Problem
  }
  throw new Error('nothing was refused')
}

describe('reading a certificate', () => {
  it('tells what the domain needs to know', () => {
    expect(reader.read(pem)).toEqual({
      serialNumber: expect.stringMatching(/^[4-7][0-9a-f]{31}$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      subject: { cn: 'a.example', o: null, ou: null, l: null, st: null, c: null },
      issuer: { cn: 'Root', o: null, ou: null, l: null, st: null, c: null },
      dnsNames: ['a.example'],
      notBefore: plus(at, -HOUR),
      notAfter: plus(at, 90 * DAY - HOUR - 1_000),
      keyAlgorithm: 'ECDSA',
      keyBits: 256,
      publicKeyFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      signatureHash: 'SHA-256',
      isAuthority: false,
      isSelfIssued: false,
      extendedKeyUsages: ['1.3.6.1.5.5.7.3.1'],
      ocspUris: [],
    })
  })

  it('tells an authority and a self-issued certificate', () => {
    expect(reader.read(root.der)).toMatchObject({ isAuthority: true, isSelfIssued: true, dnsNames: [] })
  })

  it('reads the same from PEM and from DER, and writes the PEM back', () => {
    expect(reader.read(leaf.der)).toEqual(reader.read(pem))
    expect(reader.toPem(leaf.der)).toBe(pem)
  })

  it('tells an RSA key and its size', async () => {
    const rsa = testLeaf(root, { cn: 'r.example', at, key: await generateRsaKey() })
    expect(reader.read(rsa.der)).toMatchObject({ keyAlgorithm: 'RSA', keyBits: 2048 })
  })

  it('reads text of a subject in any script', () => {
    const more = { subject: { cn: 'ü.example', o: 'Ä & Ö, “Söhne” GmbH', l: '京都' } }
    expect(reader.read(testLeaf(root, { cn: 'x.example', at, more }).der).subject).toMatchObject(more.subject)
  })

  it.each(['a.example\0.evil.example', 'a.example, DNS:b.example', ''])(
    'refuses the dNSName %j, which says two things to two readers',
    (name) => {
      const request = { profile: PROFILES.dv, subject: { cn: null }, dnsNames: [name], lifetimeMs: DAY, at }
      const key = { publicKey: leaf.key.publicKey, keyAlgorithm: 'ECDSA' as const }
      const der = issueCertificate({ ...request, ...key }, root.issuer, createNodeRandom())
      expect(refusal(() => reader.read(der)).code).toBe('malformed-certificate')
    },
  )

  it('refuses two certificates where one belongs', () => {
    expect(refusal(() => reader.read(pem + pem)).detail).toBe('One certificate is expected here.')
  })

  it('refuses DER that is no certificate, and says nothing of its content', () => {
    const problem = refusal(() => reader.read(sequence(utf8String('topsecret'))))
    expect(problem.code).toBe('malformed-certificate')
    expect(problem.message).not.toContain('topsecret')
  })

  it('throws nothing but malformed-certificate, whichever octets were changed', () => {
    const change = fc.tuple(fc.nat(leaf.der.length - 1), fc.nat(255))
    const outcome = (bytes: Buffer): unknown => {
      try {
        return reader.read(bytes).keyAlgorithm
      } catch (error) {
        return error instanceof Problem ? error.code : error
      }
    }
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(leaf.der)
        for (const [position, octet] of changes) bytes[position] = octet
        expect(['ECDSA', 'RSA', 'malformed-certificate']).toContain(outcome(bytes))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('splitting PEM', () => {
  it('takes blocks apart, whatever stands between and around them', () => {
    const text = `subject=/CN=a\r\n${pem.replaceAll('\n', '\r\n')}\r\n\r\n\n  # chain\n${toPem('CERTIFICATE', root.der)}\n\n`
    expect(reader.split(text).map((der) => Buffer.from(der))).toEqual([leaf.der, root.der])
  })

  it.each([
    ['nothing', ''],
    ['no PEM', 'hello'],
    ['a block without an end', pem.slice(0, -30)],
    ['another end', pem.replace('-----END CERTIFICATE', '-----END CERTIFICATES')],
    ['a block without content', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
    ['letters that base64 does not have', pem.replace(/\n[A-Za-z]/, '\n!')],
    ['a second beginning inside a block', pem.replace('\n', '\n-----BEGIN CERTIFICATE-----\n')],
    ['a label without end', `-----BEGIN ${'A'.repeat(10_000)}`],
  ])('refuses %s', (_, text) => {
    expect(refusal(() => reader.split(text)).code).toBe('malformed-certificate')
  })

  it('refuses a private key, without repeating it', () => {
    const problem = refusal(() =>
      reader.split(`${pem}-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n`),
    )
    expect(problem.detail).toContain('private key')
    expect(problem.message).not.toContain('c2VjcmV0')
  })

  it('refuses more text, more certificates and longer ones than its limits', () => {
    const strict = createCertificateReader({ maxPemLength: 10_000, maxCertificates: 3, maxDerLength: 1_000 })
    expect(strict.split(pem.repeat(3))).toHaveLength(3)
    expect(refusal(() => strict.split(pem.repeat(4))).detail).toContain('more than 3')
    expect(refusal(() => strict.split(' '.repeat(10_001))).detail).toContain('10000 characters')
    expect(refusal(() => strict.split(toPem('CERTIFICATE', Buffer.alloc(1_001)))).detail).toContain(
      '1000 octets',
    )
    expect(refusal(() => strict.read(Buffer.alloc(1_001))).detail).toContain('1000 octets')
  })

  it('takes time in proportion to the text, not more, when it is made of beginnings', () => {
    const text = '-----BEGIN CERTIFICATE-----\n'.repeat(9_000)
    const before = performance.now()
    refusal(() => reader.split(text))
    expect(performance.now() - before).toBeLessThan(500)
  })
})
