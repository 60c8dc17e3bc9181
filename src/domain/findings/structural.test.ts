import { describe, expect, it } from 'vitest'
import { NOW, sampleCertificate, sampleUpload } from '../../../test/support/upload-facts.ts'
import type { CertificateFacts } from '../certificate/certificate.ts'
import { DAY, SECOND, type Instant, fromWireTime, plus } from '../time.ts'
import { structuralFaults } from './structural.ts'

const context = { publicRoots: new Set(['root']), now: NOW }

const faultsOf = (leaf: Partial<CertificateFacts>, roots: readonly string[] = ['root']): readonly string[] =>
  structuralFaults(sampleUpload({ leaf: sampleCertificate(leaf), roots }), context)

const living = (days: number, from: Instant = plus(NOW, -DAY)): Partial<CertificateFacts> => ({
  notBefore: from,
  notAfter: plus(from, days * DAY - SECOND),
})

describe('structural faults of an uploaded certificate', () => {
  it('are none when it can be used', () => {
    expect(faultsOf({})).toEqual([])
  })

  it.each<[string, Partial<CertificateFacts>, RegExp]>([
    ['another key', { publicKeyFingerprint: 'another' }, /not made from the RSA signing request/],
    [
      'a key of another type, told once',
      { keyAlgorithm: 'ECDSA', publicKeyFingerprint: 'another' },
      /type ECDSA, and was sent as RSA/,
    ],
    ['a certificate of an authority', { isAuthority: true }, /certificate authority/],
    ['an expired one', { notAfter: NOW }, /expired at 2026-11-22T00:00:00Z/],
    ['one that is not valid yet', { notBefore: plus(NOW, SECOND) }, /not valid before 2026-11-22T00:00:01Z/],
    ['more than a thousand names', { dnsNames: new Array<string>(1_001).fill('a.example') }, /1001 names/],
  ])('refuse %s', (_, leaf, expected) => {
    expect(faultsOf(leaf)).toEqual([expect.stringMatching(expected)])
  })

  it.each<[string, Partial<CertificateFacts>]>([
    ['that ends in the next millisecond', { notAfter: plus(NOW, 1) }],
    ['that begins at this moment', { notBefore: NOW }],
    ['with a thousand names', { dnsNames: new Array<string>(1_000).fill('a.example') }],
  ])('accept one %s', (_, leaf) => {
    expect(faultsOf(leaf)).toEqual([])
  })

  it('refuse under a public root more days than the limit in force, both ends counted (BR section 6.3.2)', () => {
    expect(faultsOf(living(200))).toEqual([])
    expect(faultsOf(living(200 + 1 / 86_400))).toEqual([expect.stringContaining('at most 200')])
    expect(faultsOf(living(300))).toEqual([expect.stringContaining('lives 300 days')])
  })

  it('go by the limit of the day of issue', () => {
    const early = plus(fromWireTime('2026-03-15') ?? NOW, -SECOND)
    expect(faultsOf(living(397, early))).toEqual([])
    expect(faultsOf(living(397, plus(early, SECOND)))).toHaveLength(1)
  })

  it('know no limit under a private root', () => {
    expect(faultsOf(living(300), ['private'])).toEqual([])
    expect(faultsOf(living(300), [])).toEqual([])
  })

  it('leave more than 397 days to the warning of the catalogue (spec: behaviour G2)', () => {
    expect(faultsOf(living(397))).toHaveLength(1)
    expect(faultsOf(living(400))).toEqual([])
  })
})
