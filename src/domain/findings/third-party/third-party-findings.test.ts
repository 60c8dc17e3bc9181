import { describe, expect, it } from 'vitest'
import {
  NOW,
  sampleAuthority,
  sampleCertificate,
  sampleFacts,
  sampleUpload,
} from '../../../../test/support/upload-facts.ts'
import type { CertificateFacts, DistinguishedName } from '../../certificate/certificate.ts'
import { DAY, plus } from '../../time.ts'
import { THIRD_PARTY_WARNING_IDS, needReview, thirdPartyFindings } from './third-party-findings.ts'
import type { UploadFacts } from './upload-facts.ts'

const LEAF = sampleCertificate()
const INTERMEDIATE = sampleAuthority('Intermediate')
const POLICY = sampleAuthority('Policy')
const ROOT = sampleAuthority('Root')
const NAMES = ['www.example', 'api.example']

const withLeaf = (changed: Partial<CertificateFacts>): UploadFacts =>
  sampleFacts({ leaf: sampleCertificate(changed) })
const withSubject = (changed: Partial<DistinguishedName>): UploadFacts =>
  withLeaf({ subject: { ...LEAF.subject, ...changed } })
const withAskedSubject = (
  changed: Partial<DistinguishedName>,
  found: Partial<DistinguishedName> = {},
): UploadFacts =>
  sampleFacts({
    signingRequest: {
      subject: { ...LEAF.subject, ...changed },
      dnsNames: NAMES,
      publicKeyFingerprint: 'key',
    },
    leaf: sampleCertificate({ subject: { ...LEAF.subject, ...found } }),
  })
const living = (days: number, left: number): UploadFacts =>
  withLeaf({ notBefore: plus(NOW, (left - days) * DAY), notAfter: plus(NOW, left * DAY) })

const FIELDS = (['c', 'st', 'l', 'o', 'ou'] as const).flatMap((member) => {
  const name = member.toUpperCase()
  const begin = `Value for ${name} differs between the CSR and the certificate:`
  const id = `CSR_VS_CERTIFICATE_${name}_FIELD`
  const cased = `Case mismatch for ${name}. Expected(in CSR): Aa, found(in 'RSA' certificate): aA`
  return [
    [`${id}_MISMATCH`, withAskedSubject({ [member]: 'A' }, { [member]: 'B' }), `${begin} [A] vs [B].`],
    [
      `${id}_MISSING_IN_CERTIFICATE`,
      withAskedSubject({ [member]: 'A' }, { [member]: null }),
      `${begin} [A] vs missing.`,
    ],
    [
      `${id}_ADDITIONAL_IN_CERTIFICATE`,
      withAskedSubject({ [member]: null }, { [member]: 'B' }),
      `${begin} missing vs [B].`,
    ],
    [
      'CSR_VS_CERTIFICATE_SUBJECT_FIELD_CASE_MISMATCH',
      withAskedSubject({ [member]: 'Aa' }, { [member]: 'aA' }),
      cased,
    ],
  ] as const
})

const CASES: readonly (readonly [id: string, facts: UploadFacts, text: string])[] = [
  ...FIELDS,
  [
    'CSR_VS_CERTIFICATE_MISSING_SAN_FROM_SAN_LIST_IN_CERTIFICATE',
    withLeaf({ dnsNames: ['www.example'] }),
    'SAN name [api.example] is missing from the certificate.',
  ],
  [
    'CSR_VS_CERTIFICATE_ADDITIONAL_SAN_IN_SAN_LIST_IN_CERTIFICATE',
    withLeaf({ dnsNames: [...NAMES, 'extra.example'] }),
    'SAN name [extra.example] was added to the certificate.',
  ],
  [
    'CSR_VS_CERTIFICATE_SAN_CASE_MISMATCH',
    sampleFacts({ writtenDnsNames: ['www.example', 'API.example'] }),
    "API.example [api.example] differs in case on the 'RSA' certificate.",
  ],
  [
    'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK',
    sampleFacts({}, { liveNames: ['www.example', 'old.example'] }),
    'SAN name [old.example] removed from certificate is still live on the network.',
  ],
  [
    'CSR_VS_CERTIFICATE_CN_MISMATCH',
    withSubject({ cn: 'api.example' }),
    "The Common Name (CN) on 'RSA' certificate [api.example] does not match the CSR [www.example].",
  ],
  [
    'CSR_VS_CERTIFICATE_CN_CASE_MISMATCH',
    withSubject({ cn: 'WWW.example' }),
    "The case of the Common Name (CN) on the 'RSA' certificate [WWW.example] does not match the CN on the CSR [www.example].",
  ],
  [
    'CSR_VS_CERTIFICATE_CN_MISSING',
    withSubject({ cn: null }),
    "The Common Names (CN) for 'RSA' certificate and CSR must be non-null and non-empty. Certificate CN: [missing], CSR CN: [www.example].",
  ],
  [
    'CSR_VS_CERTIFICATE_SUBJECT_FIELD_MISMATCH_MISSING_IN_CSR',
    withAskedSubject({ cn: null }),
    "Value for [CN] differs between the CSR and the 'RSA' certificate: missing vs [www.example].",
  ],
  [
    'CERTIFICATE_EXPIRATION_DATE_IN_NEAR_FUTURE',
    living(90, 30),
    "The 'RSA' certificate will expire in the near future.",
  ],
  [
    'CERTIFICATE_EXPIRATION_TOO_SHORT',
    living(90, 2.5),
    "The 'RSA' certificate has a short lifetime and will expire within the next 3 days.",
  ],
  [
    'CERTIFICATE_SIGNATURE_MISMATCH',
    withLeaf({ signatureHash: 'SHA-1' }),
    'Requested certificate signed with SHA-256 signature algorithm, but got SHA-1 (1.2.840.113549.1.1.11).',
  ],
  [
    'CERTIFICATE_SIGNATURE_MISMATCH',
    sampleFacts(
      { leaf: sampleCertificate({ signatureHash: 'SHA-384' }) },
      { requestedSignatureHash: 'SHA-256' },
    ),
    'Requested certificate signed with SHA-256 signature algorithm, but got SHA-384 (1.2.840.113549.1.1.11).',
  ],
  [
    'CERTIFICATE_ALREADY_LOADED',
    sampleFacts({}, { keysOfOthers: new Set(['key']) }),
    "There is a problem deploying the 'RSA' certificate.  Please contact your Akamai support team to resolve the issue.",
  ],
  [
    'CERTIFICATE_SELF_SIGNED',
    withLeaf({ isSelfIssued: true }),
    'The Issuer and Subject of the end-entity certificate are identical. This is not allowed.',
  ],
  [
    'END_ENTITY_CERT_IN_TRUST_CHAIN',
    sampleFacts({ chain: [LEAF, INTERMEDIATE], path: [1] }),
    'The end-entity certificate appears in the trust chain. This is not allowed. It is being automatically removed from the trust chain.',
  ],
  [
    'UNSORTED_TRUST_CHAIN',
    sampleFacts({ chain: [POLICY, INTERMEDIATE], path: [1, 0] }),
    'Unsorted trust chain downloaded, using\n[CN=Intermediate] serial number [4a01]; [CN=Policy] serial number [4a01]',
  ],
  [
    'EXTRA_CERT_IN_TRUST_CHAIN',
    sampleFacts({ chain: [POLICY, INTERMEDIATE], path: [1] }),
    'Extra certificates were found in the chain and are being removed.\n[CN=Policy] serial number [4a01]',
  ],
  [
    'TRUST_CHAIN_VERIFY_FAILED',
    sampleFacts({ pathFault: 'may not sign' }),
    'The trust chain [Intermediate] and the end entity [www.example] failed to verify.',
  ],
  [
    'TRUST_CHAIN_EXPIRED_OR_NOT_YET_VALID',
    sampleFacts({ chain: [sampleAuthority('Intermediate', { notAfter: plus(NOW, -DAY) })] }),
    'Trust chain certificate #[1] issuer [CN=Root] serial number [4a01]: [NotAfter: 2026-11-21T00:00:00Z].',
  ],
  [
    'TRUST_CHAIN_EXPIRED_OR_NOT_YET_VALID',
    sampleFacts({ chain: [sampleAuthority('Intermediate', { notBefore: plus(NOW, DAY) })] }),
    'Trust chain certificate #[1] issuer [CN=Root] serial number [4a01]: [NotBefore: 2026-11-23T00:00:00Z].',
  ],
  [
    'TRUST_CHAIN_EXPIRED_BEFORE_EE',
    sampleFacts({ chain: [sampleAuthority('Intermediate', { notAfter: plus(NOW, 60 * DAY) })] }),
    'End entity certificate [www.example] with expiration [2027-02-20T00:00:00Z] expires after the trust chain certificate #[Intermediate] that expires [2027-01-21T00:00:00Z].',
  ],
  [
    'TRUST_CHAIN_EMPTY_AND_CERTIFICATE_SIGNED_BY_NON_STANDARD_ROOT',
    sampleFacts({ chain: [], path: [], roots: [] }),
    'The trust chain is empty and the end-entity certificate may have been signed by a non-standard root certificate.',
  ],
  [
    'TRUST_CHAIN_TERMINATES_WITH_NON_STANDARD_CERTIFICATE',
    sampleFacts({ roots: ['another'] }),
    'The trust chain terminates with a non-standard root certificate.',
  ],
  [
    'TRUST_CHAIN_INCLUDES_STANDARD_ROOT_CERTIFICATE',
    sampleFacts({ chain: [INTERMEDIATE, ROOT], path: [0, 1] }),
    'The trust chain includes a standard root certificate. This is not a typical practice.',
  ],
  [
    'CERTIFICATE_NULL_OR_EMPTY',
    sampleFacts({}, { expectedAlgorithms: ['RSA', 'ECDSA'] }),
    'Null or empty [ECDSA] Certificate.',
  ],
]

/** Told together with others. */
const ALSO: readonly string[] = [
  'CERTIFICATE_MISSING_CN_FROM_SAN_LIST',
  'CERTIFICATE_EXPIRATION_DATE_BEYOND_MAX_DAYS',
  'CERTIFICATE_DATA_EXCEEDS_MAXIMUM',
]

const idsOf = (facts: UploadFacts): readonly string[] => thirdPartyFindings(facts).map(({ id }) => id)

describe('findings on a third-party upload', () => {
  it('are none when all is as it was asked for', () => {
    expect(thirdPartyFindings(sampleFacts())).toEqual([])
  })

  it.each(CASES)('%s alone is found where it applies', (id, facts, text) => {
    expect(thirdPartyFindings(facts)).toEqual([{ id, text }])
  })

  it('leave no rule without a case', () => {
    expect(new Set([...CASES.map(([id]) => id), ...ALSO])).toEqual(new Set(THIRD_PARTY_WARNING_IDS))
  })

  it('CERTIFICATE_MISSING_CN_FROM_SAN_LIST when the SANs lack the common name', () => {
    expect(idsOf(withLeaf({ dnsNames: ['api.example'] }))).toEqual([
      'CSR_VS_CERTIFICATE_MISSING_SAN_FROM_SAN_LIST_IN_CERTIFICATE',
      'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK',
      'CERTIFICATE_MISSING_CN_FROM_SAN_LIST',
    ])
  })

  it('CERTIFICATE_EXPIRATION_DATE_BEYOND_MAX_DAYS from 397 days on, with what is left in years and months', () => {
    expect(idsOf(living(397, 390))).toEqual([])
    const [found] = thirdPartyFindings(living(825, 820))
    expect(found?.text).toContain("The 'RSA' certificate is set to expire in [2] years, [2] months.")
    expect(idsOf(living(397.01, 390))).toEqual(['CERTIFICATE_EXPIRATION_DATE_BEYOND_MAX_DAYS'])
  })

  it('CERTIFICATE_DATA_EXCEEDS_MAXIMUM beyond 100 names', () => {
    const names = (count: number): string[] => [
      ...NAMES,
      ...Array.from({ length: count - 2 }, (_, index) => `n${index}.example`),
    ]
    const asked = (count: number): UploadFacts =>
      sampleFacts({
        leaf: sampleCertificate({ dnsNames: names(count) }),
        signingRequest: { subject: LEAF.subject, dnsNames: names(count), publicKeyFingerprint: 'key' },
      })
    expect(thirdPartyFindings(asked(100))).toEqual([])
    expect(thirdPartyFindings(asked(101))).toEqual([
      {
        id: 'CERTIFICATE_DATA_EXCEEDS_MAXIMUM',
        text: 'SAN list contains 101 entries and that exceeds the maximum of 100.',
      },
    ])
  })

  it('are none for spaces and composed letters that do not count (RFC 5280 section 7.1)', () => {
    expect(idsOf(withAskedSubject({ o: 'Söhne GmbH' }, { o: ' So\u0308hne  GmbH ' }))).toEqual([])
  })

  it('are none for a name in U-labels where A-labels were asked for', () => {
    const names = ['xn--bcher-kva.example']
    const facts = sampleFacts(
      {
        signingRequest: {
          subject: { ...LEAF.subject, cn: names[0] ?? '' },
          dnsNames: names,
          publicKeyFingerprint: 'key',
        },
        leaf: sampleCertificate({ dnsNames: names, subject: { ...LEAF.subject, cn: 'bücher.example' } }),
      },
      { liveNames: [] },
    )
    expect(idsOf(facts)).toEqual([])
  })

  it('compare with the enrollment when the signing request leaves the SANs to the CA', () => {
    const signingRequest = { subject: LEAF.subject, dnsNames: [], publicKeyFingerprint: 'key' }
    expect(idsOf(sampleFacts({ signingRequest }))).toEqual([])
    expect(idsOf(sampleFacts({ signingRequest }, { requestedNames: ['www.example'] }))).toEqual([
      'CSR_VS_CERTIFICATE_ADDITIONAL_SAN_IN_SAN_LIST_IN_CERTIFICATE',
    ])
  })

  it('are none when neither side has a common name', () => {
    expect(idsOf(withAskedSubject({ cn: null }, { cn: null }))).toEqual([])
  })

  it('let a live name go on that a wildcard of the certificate covers', () => {
    const names = ['www.example', '*.shop.example']
    const facts = sampleFacts(
      {
        leaf: sampleCertificate({ dnsNames: names }),
        signingRequest: { subject: LEAF.subject, dnsNames: names, publicKeyFingerprint: 'key' },
      },
      { liveNames: ['a.shop.example', 'b.a.shop.example'] },
    )
    expect(thirdPartyFindings(facts).map(({ text }) => text)).toEqual([
      'SAN name [b.a.shop.example] removed from certificate is still live on the network.',
    ])
  })

  it.each([
    ['an empty chain', { chain: [], path: [], roots: [] }],
    ['a root that nobody knows', { roots: [] }],
    ['a root in the chain', { chain: [INTERMEDIATE, ROOT], path: [0, 1] }],
  ])('say nothing of %s when roots are not judged', (_, upload) => {
    expect(idsOf(sampleFacts(upload, { standardRoots: 'any' }))).toEqual([])
  })

  it('say nothing of the dates of a certificate that is removed from the chain', () => {
    const old = sampleAuthority('Policy', { notAfter: plus(NOW, -DAY) })
    expect(idsOf(sampleFacts({ chain: [INTERMEDIATE, old], path: [0] }))).toEqual([
      'EXTRA_CERT_IN_TRUST_CHAIN',
    ])
  })

  it('say of a chain in which nothing signed the certificate that it fails, and removes it', () => {
    expect(idsOf(sampleFacts({ path: [], roots: [] }, { standardRoots: 'any' }))).toEqual([
      'EXTRA_CERT_IN_TRUST_CHAIN',
      'TRUST_CHAIN_VERIFY_FAILED',
    ])
  })

  it('tell a difference once that both certificates of a dual stack have', () => {
    const both = sampleFacts({}, { expectedAlgorithms: ['RSA', 'ECDSA'], liveNames: ['old.example'] })
    const uploads = [sampleUpload(), sampleUpload({ keyAlgorithm: 'ECDSA' })]
    expect(idsOf({ ...both, uploads })).toEqual([
      'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK',
    ])
  })

  it('need a review, all but the missing certificate of a dual stack', () => {
    for (const [id, facts] of CASES) {
      expect(needReview(thirdPartyFindings(facts)), id).toBe(id !== 'CERTIFICATE_NULL_OR_EMPTY')
    }
    expect(needReview([])).toBe(false)
  })
})
