import { CPS_LEAD_DAYS } from '../domain/renewal/renewal-start.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type TestAuthority,
  testAuthority,
  testLeaf,
  testRoot,
} from '../../test/support/test-certificates.ts'
import { needReview, thirdPartyFindings } from '../domain/findings/third-party/third-party-findings.ts'
import type { StandardRoots, UploadFacts } from '../domain/findings/third-party/upload-facts.ts'
import { DAY, type Instant, SECOND, instant, plus } from '../domain/time.ts'
import { type FieldError, Problem } from '../errors/problem.ts'
import { createCertificateReader } from './certificate-reader.ts'
import { generateEcKey, generateRsaKey } from './key-material.ts'
import { toPem } from './pem.ts'
import { fingerprintOf } from './public-key.ts'
import { writeSigningRequest } from './signing-request.ts'
import type { UploadEntry, UploadReading } from '../ports/upload-reader.ts'
import { LONGEST_UPLOAD, type UploadLimits, readUpload, readUploads } from './upload.ts'

const reader = createCertificateReader()
const now = instant(1_795_305_600_000)
const key = generateEcKey()
const cn = 'www.example'

const root = testRoot({ cn: 'Root', at: now })
const policy = testAuthority(root, { cn: 'Policy', at: now })
const issuing = testAuthority(policy, { cn: 'Issuing', at: now })
const stranger = testAuthority(testRoot({ cn: 'Other root', at: now }), { cn: 'Stranger', at: now })
const leaf = testLeaf(issuing, { cn, at: now, key })
const signingRequestPem = writeSigningRequest(key, { cn }, [cn])

const pem = (...certificates: readonly TestAuthority[]): string =>
  certificates.map(({ der }) => toPem('CERTIFICATE', der)).join('')

const entry = (changed: Partial<UploadEntry> = {}): UploadEntry => ({
  pointer: '/certificatesAndTrustChains/0',
  keyAlgorithm: 'ECDSA',
  certificate: pem(leaf),
  trustChain: pem(issuing, policy),
  signingRequestPem,
  ...changed,
})

const limits: UploadLimits = {
  maxPemLength: LONGEST_UPLOAD,
  knownRoots: [root.der],
  publicRoots: new Set(),
  now,
}

const read = (changed: Partial<UploadEntry> = {}, more: Partial<UploadLimits> = {}): UploadReading =>
  readUpload(entry(changed), reader, { ...limits, ...more })

const STANDARD: StandardRoots = new Set([fingerprintOf(root.der)])

const factsOf = (
  reading: UploadReading,
  standardRoots: StandardRoots = STANDARD,
  at: Instant = now,
): UploadFacts => ({
  uploads: [reading.uploaded],
  expectedAlgorithms: ['ECDSA'],
  requestedNames: [cn],
  requestedSignatureHash: null,
  standardRoots,
  liveNames: [],
  keysOfOthers: new Set(),
  leadDays: CPS_LEAD_DAYS,
  now: at,
})

const idsOf = (reading: UploadReading, standardRoots: StandardRoots = STANDARD): readonly string[] =>
  thirdPartyFindings(factsOf(reading, standardRoots)).map(({ id }) => id)

const errorsOf = (action: () => unknown): readonly FieldError[] => {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(Problem)
    expect((error as Problem).code).toBe('validation-error')
    return (error as Problem).errors
  }
  throw new Error('nothing was refused')
}

describe('an upload that fits', () => {
  it('has no findings, and is deployed as it is', () => {
    const reading = read()
    expect(idsOf(reading)).toEqual([])
    expect(reading.deployable).toEqual({ certificatePem: pem(leaf), chainPem: pem(issuing, policy) })
  })

  it('goes back to clients to the letter and to edges written anew', () => {
    const certificate = `subject=/CN=a\r\n\r\n${pem(leaf).replaceAll('\n', '\r\n')}\n\ndisable frontend f\n`
    const trustChain = `# first\n\n${pem(issuing)}\n\n   text between\r\n${pem(policy).replaceAll('\n', '\r\n')}`
    const reading = read({ certificate, trustChain })
    expect(reading.asUploaded).toEqual({ certificate, trustChain })
    expect(reading.deployable).toEqual({ certificatePem: pem(leaf), chainPem: pem(issuing, policy) })
    expect(reading.deployable.certificatePem + reading.deployable.chainPem).not.toMatch(/\n\n|\r|disable/)
    expect(idsOf(reading)).toEqual([])
  })

  it('knows what the signing request asks for', () => {
    const subject = { cn, o: 'Söhne GmbH', ou: 'IT', l: 'Berlin', st: 'BE', c: 'DE' }
    const reading = read({ signingRequestPem: writeSigningRequest(key, subject, [cn, 'b.example']) })
    expect(reading.uploaded.signingRequest).toEqual({
      subject,
      dnsNames: [cn, 'b.example'],
      publicKeyFingerprint: reading.uploaded.leaf.publicKeyFingerprint,
    })
    expect(idsOf(reading)).toEqual([
      'CSR_VS_CERTIFICATE_MISSING_SAN_FROM_SAN_LIST_IN_CERTIFICATE',
      ...['C', 'ST', 'L', 'O', 'OU'].map(
        (field) => `CSR_VS_CERTIFICATE_${field}_FIELD_MISSING_IN_CERTIFICATE`,
      ),
    ])
  })

  it('reads a signing request without names', () => {
    expect(
      read({ signingRequestPem: writeSigningRequest(key, { cn }, []) }).uploaded.signingRequest.dnsNames,
    ).toEqual([])
  })

  it('shows names as they are written', () => {
    const upper = testLeaf(issuing, { cn, at: now, key, more: { dnsNames: ['WWW.example'] } })
    const reading = read({ certificate: pem(upper) })
    expect(reading.uploaded.writtenDnsNames).toEqual(['WWW.example'])
    expect(idsOf(reading)).toEqual(['CSR_VS_CERTIFICATE_SAN_CASE_MISMATCH'])
  })
})

describe('the chain of an upload', () => {
  it.each<[string, readonly TestAuthority[], readonly TestAuthority[], readonly string[]]>([
    ['in the wrong order is sorted', [policy, issuing], [issuing, policy], ['UNSORTED_TRUST_CHAIN']],
    [
      'with the leaf in it loses it',
      [leaf, issuing, policy],
      [issuing, policy],
      ['END_ENTITY_CERT_IN_TRUST_CHAIN'],
    ],
    [
      'with a stranger loses it',
      [issuing, stranger, policy],
      [issuing, policy],
      ['EXTRA_CERT_IN_TRUST_CHAIN'],
    ],
    ['with a double loses it', [issuing, issuing, policy], [issuing, policy], ['EXTRA_CERT_IN_TRUST_CHAIN']],
    [
      'with the root loses it',
      [issuing, policy, root],
      [issuing, policy],
      ['TRUST_CHAIN_INCLUDES_STANDARD_ROOT_CERTIFICATE'],
    ],
    [
      'up to an unknown authority',
      [issuing],
      [issuing],
      ['TRUST_CHAIN_TERMINATES_WITH_NON_STANDARD_CERTIFICATE'],
    ],
    [
      'of strangers',
      [stranger],
      [],
      [
        'EXTRA_CERT_IN_TRUST_CHAIN',
        'TRUST_CHAIN_VERIFY_FAILED',
        'TRUST_CHAIN_TERMINATES_WITH_NON_STANDARD_CERTIFICATE',
      ],
    ],
    ['that is empty', [], [], ['TRUST_CHAIN_EMPTY_AND_CERTIFICATE_SIGNED_BY_NON_STANDARD_ROOT']],
    [
      'of the leaf alone',
      [leaf],
      [],
      ['END_ENTITY_CERT_IN_TRUST_CHAIN', 'TRUST_CHAIN_EMPTY_AND_CERTIFICATE_SIGNED_BY_NON_STANDARD_ROOT'],
    ],
  ])('%s', (_, uploaded, deployed, ids) => {
    const reading = read({ trustChain: pem(...uploaded) })
    expect(idsOf(reading)).toEqual(ids)
    expect(reading.deployable.chainPem).toBe(pem(...deployed))
  })

  it('of a private root is no finding when roots are not judged', () => {
    const withoutRoots = { knownRoots: [] }
    for (const trustChain of [null, pem(issuing, policy), pem(issuing, policy, root)]) {
      const reading = read({ trustChain }, withoutRoots)
      expect(needReview(thirdPartyFindings(factsOf(reading, 'any')))).toBe(false)
    }
  })

  it('may be empty below a known root', () => {
    const direct = testLeaf(root, { cn, at: now, key })
    expect(idsOf(read({ certificate: pem(direct), trustChain: null }))).toEqual([])
    const withRoot = read({ certificate: pem(direct), trustChain: pem(root) })
    expect(withRoot.deployable.chainPem).toBe('')
  })

  it('whose issuer has the right name and another key fails', () => {
    const impostor = testAuthority(policy, { cn: 'Issuing', at: now })
    expect(idsOf(read({ trustChain: pem(impostor, policy) }))).toContain('TRUST_CHAIN_VERIFY_FAILED')
  })

  it('whose issuer is no authority fails', () => {
    const server = testLeaf(policy, { cn: 'server.example', at: now })
    const below = testLeaf(server, { cn, at: now, key })
    const reading = read({ certificate: pem(below), trustChain: pem(server, policy) })
    expect(idsOf(reading)).toEqual(['TRUST_CHAIN_VERIFY_FAILED'])
    expect(reading.uploaded.pathFault).toContain('may not sign')
  })

  it('of re-issued authorities goes over the one that is valid', () => {
    const past = plus(now, -100 * DAY)
    const old = testAuthority(policy, {
      cn: 'Issuing',
      at: past,
      key: issuing.key,
      more: { lifetimeMs: 50 * DAY },
    })
    const reading = read({ trustChain: pem(old, issuing, policy) })
    expect(reading.deployable.chainPem).toBe(pem(issuing, policy))
    expect(idsOf(read({ trustChain: pem(old, policy) }))).toEqual(['TRUST_CHAIN_EXPIRED_OR_NOT_YET_VALID'])
  })

  it('goes on over an authority that its own new key signed', () => {
    const old = testRoot({ cn: 'Root', at: now })
    const bridge = testAuthority(root, { cn: 'Root', at: now, key: old.key })
    const below = testLeaf(bridge, { cn, at: now, key })
    const reading = read({ certificate: pem(below), trustChain: pem(bridge) })
    expect(reading.deployable.chainPem).toBe(pem(bridge))
    expect(idsOf(reading)).toEqual([])
  })

  it('of two authorities that signed each other ends', () => {
    const a = testRoot({ cn: 'A', at: now })
    const b = testAuthority(a, { cn: 'B', at: now })
    const again = testAuthority(b, { cn: 'A', at: now, key: a.key })
    const circular = testLeaf(b, { cn, at: now, key })
    expect(read({ certificate: pem(circular), trustChain: pem(b, again) }).uploaded.path).toEqual([0, 1])
  })
})

describe('an upload that cannot be used', () => {
  const certificate = '/certificatesAndTrustChains/0/certificate'
  const trustChain = '/certificatesAndTrustChains/0/trustChain'
  const late = testLeaf(issuing, { cn, at: plus(now, 2 * DAY), key })
  const early = testLeaf(issuing, { cn, at: plus(now, -200 * DAY), key })
  const ofAnotherKey = testLeaf(issuing, { cn, at: now })
  const authority = testAuthority(policy, { cn, at: now, key })
  const huge = `${pem(leaf)}${' '.repeat(10_000_000)}`
  const secret = `${pem(leaf)}-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n`

  it.each<[string, Partial<UploadEntry>, string, RegExp]>([
    ['no certificate', { certificate: null }, certificate, /empty/],
    ['a blank certificate', { certificate: ' \r\n' }, certificate, /empty/],
    ['text that is not PEM', { certificate: 'hello' }, certificate, /No PEM certificate/],
    [
      'DER that is no certificate',
      { certificate: toPem('CERTIFICATE', Buffer.from('3003020101', 'hex')) },
      certificate,
      /not an X\.509/,
    ],
    ['a signing request', { certificate: signingRequestPem }, certificate, /CERTIFICATE REQUEST/],
    ['the chain in the same text', { certificate: pem(leaf, issuing) }, certificate, /not 2\. .*trustChain/],
    ['ten megabytes', { certificate: huge }, certificate, /at most 262144 characters/],
    [
      'text that no database stores',
      { certificate: `a\0${pem(leaf)}` },
      certificate,
      /characters that text cannot have/,
    ],
    [
      'half a surrogate pair',
      { trustChain: `\ud800${pem(issuing)}` },
      trustChain,
      /characters that text cannot have/,
    ],
    ['a private key', { certificate: secret }, certificate, /private key/],
    [
      'another key',
      { certificate: pem(ofAnotherKey) },
      certificate,
      /not made from the ECDSA signing request/,
    ],
    ['another type of key', { keyAlgorithm: 'RSA' }, certificate, /type ECDSA, and was sent as RSA/],
    ['an expired certificate', { certificate: pem(early) }, certificate, /expired at/],
    ['one that is not valid yet', { certificate: pem(late) }, certificate, /not valid before/],
    [
      'the certificate of an authority',
      { certificate: pem(authority) },
      certificate,
      /certificate authority/,
    ],
    [
      'a type of key that was not asked for',
      { signingRequestPem: null },
      '/certificatesAndTrustChains/0/keyAlgorithm',
      /no signing request/,
    ],
    ['a chain that is not PEM', { trustChain: 'hello' }, trustChain, /No PEM certificate/],
    ['a chain of ten megabytes', { trustChain: huge }, trustChain, /at most 262144 characters/],
    ['a chain without end', { trustChain: pem(issuing).repeat(21) }, trustChain, /more than 20/],
    [
      'a chain with a fault in it',
      { trustChain: pem(issuing) + toPem('CERTIFICATE', Buffer.from('3000', 'hex')) },
      trustChain,
      /^Certificate 2 of the chain: /,
    ],
  ])('is refused for %s', (_, changed, field, detail) => {
    expect(errorsOf(() => read(changed))).toEqual([{ field, detail: expect.stringMatching(detail) }])
  })

  it('is refused without repeating a private key', () => {
    expect(JSON.stringify(errorsOf(() => read({ certificate: secret })))).not.toContain('c2VjcmV0')
  })

  it('is refused with every fault at once', () => {
    const fields = errorsOf(() => read({ certificate: 'hello', trustChain: 'hello' })).map(
      ({ field }) => field,
    )
    expect(fields).toEqual([certificate, trustChain])
  })

  it('is refused for a life that public roots do not allow any more', () => {
    const long = testLeaf(issuing, { cn, at: now, key, more: { lifetimeMs: 300 * DAY } })
    const publicRoots = new Set([fingerprintOf(root.der)])
    expect(errorsOf(() => read({ certificate: pem(long) }, { publicRoots }))).toEqual([
      { field: certificate, detail: expect.stringContaining('at most 200') },
    ])
    expect(idsOf(read({ certificate: pem(long) }))).toEqual([])
  })

  it('counts both ends of a life', () => {
    const publicRoots = new Set([fingerprintOf(root.der)])
    const living = (lifetimeMs: number): string =>
      pem(testLeaf(issuing, { cn, at: now, key, more: { lifetimeMs } }))
    expect(() => read({ certificate: living(200 * DAY) }, { publicRoots })).not.toThrow()
    expect(errorsOf(() => read({ certificate: living(200 * DAY + SECOND) }, { publicRoots }))).toHaveLength(1)
  })

  it('throws nothing but validation-error, whatever was changed in the text', () => {
    const text = pem(leaf)
    const change = fc.tuple(
      fc.nat(text.length - 1),
      fc.string({ minLength: 0, maxLength: 2, unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), (changes, inChain) => {
        const broken = changes.reduce(
          (all, [at, piece]) => all.slice(0, at) + piece + all.slice(at + 1),
          text,
        )
        try {
          read(inChain ? { trustChain: broken } : { certificate: broken })
        } catch (error) {
          expect(error instanceof Problem ? error.code : error).toBe('validation-error')
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('an upload of several certificates', () => {
  const at = (index: number): string => `/certificatesAndTrustChains/${index}`

  it('may have one of a dual stack, or both, in any order', async () => {
    const rsaKey = await generateRsaKey()
    const rsa = entry({
      pointer: at(1),
      keyAlgorithm: 'RSA',
      certificate: pem(testLeaf(issuing, { cn, at: now, key: rsaKey })),
      signingRequestPem: writeSigningRequest(rsaKey, { cn }, [cn]),
    })
    const algorithms = (entries: readonly UploadEntry[]): readonly string[] =>
      readUploads(entries, reader, limits).map(({ uploaded }) => uploaded.keyAlgorithm)
    expect(algorithms([entry(), rsa])).toEqual(['ECDSA', 'RSA'])
    expect(algorithms([entry({ certificate: null, trustChain: '' }), rsa])).toEqual(['RSA'])
    expect(
      errorsOf(() =>
        readUploads([entry({ certificate: 'x' }), { ...rsa, certificate: 'y' }], reader, limits),
      ),
    ).toEqual([
      { field: `${at(0)}/certificate`, detail: expect.any(String) },
      { field: `${at(1)}/certificate`, detail: expect.any(String) },
    ])
  })

  it.each<[string, readonly UploadEntry[], readonly string[]]>([
    ['nothing', [], ['/certificatesAndTrustChains']],
    ['empty entries alone', [entry({ certificate: '', trustChain: null })], [`${at(0)}/certificate`]],
    ['two for one type of key', [entry(), entry({ pointer: at(1) })], [`${at(1)}/keyAlgorithm`]],
  ])('is refused with %s', (_, entries, fields) => {
    expect(errorsOf(() => readUploads(entries, reader, limits)).map(({ field }) => field)).toEqual(fields)
  })
})
