import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Comparison } from '../comparison/comparison.ts'
import { type ChangeContentFacts, canonicalJson, contentDocument, contentHash } from './content.ts'

const FACTS: ChangeContentFacts = {
  certificates: [
    { keyAlgorithm: 'RSA', certificatePem: 'rsa', chainPem: 'rsa chain' },
    { keyAlgorithm: 'ECDSA', certificatePem: 'ec', chainPem: '' },
  ],
  servedNames: ['www.example', 'api.example'],
  networkSettings: {
    geography: 'core',
    secureNetwork: 'enhanced-tls',
    mustHaveCiphers: 'ak-akamai-2020q1',
    preferredCiphers: 'ak-akamai-2020q1',
    disallowedTlsVersions: ['TLSv1'],
    sniOnly: true,
    dnsNameSettings: null,
    quicEnabled: false,
    ocspStapling: 'on',
    clientMutualAuthentication: null,
    fipsMode: false,
  },
  findings: [{ id: 'A', text: 'a finding' }],
  comparison: undefined,
}

const SILENT: Comparison = {
  standing: 'silent',
  staging: { servedNames: [], meetings: [], certificates: [] },
  production: null,
  differences: [],
}

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, shuffled(member)]),
  )
}

describe('canonical JSON (RFC 8785)', () => {
  it('means what JSON means, in whichever order members were written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(shuffled(value))).toBe(text)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('leaves out members without a value, and white space', () => {
    expect(canonicalJson({ b: [1, 'ä'], a: { d: null, c: undefined } })).toBe('{"a":{"d":null},"b":[1,"ä"]}')
  })
})

describe('the content of a change', () => {
  const text = (facts: ChangeContentFacts) => canonicalJson(contentDocument(facts))

  it('is the same whatever order certificates and names come in', () => {
    const { certificates, servedNames } = FACTS
    const other = {
      ...FACTS,
      certificates: [...certificates].reverse(),
      servedNames: [...servedNames].reverse(),
    }
    expect(text(other)).toBe(text(FACTS))
  })

  it.each<[string, Partial<ChangeContentFacts>]>([
    [
      'a certificate',
      { certificates: [{ keyAlgorithm: 'RSA', certificatePem: 'other', chainPem: 'rsa chain' }] },
    ],
    ['a chain', { certificates: FACTS.certificates.map((one) => ({ ...one, chainPem: 'other' })) }],
    ['a name', { servedNames: ['www.example'] }],
    ['a setting', { networkSettings: { ...FACTS.networkSettings, quicEnabled: true } }],
    ['a finding', { findings: [] }],
    ['a comparison', { comparison: SILENT }],
  ])('is another one with another %s', (_what, changed) => {
    expect(text({ ...FACTS, ...changed })).not.toBe(text(FACTS))
  })

  it('has a hash as long as the one that CPS shows', () => {
    expect(contentHash('document', (given) => `${given}${'0'.repeat(64)}`)).toBe(`document${'0'.repeat(32)}`)
  })
})
