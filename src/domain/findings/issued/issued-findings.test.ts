import { describe, expect, it } from 'vitest'
import {
  NOW,
  sampleAuthority,
  sampleCertificate,
  sampleFacts,
} from '../../../../test/support/upload-facts.ts'
import type { CertificateFacts } from '../../certificate/certificate.ts'
import { DAY, plus } from '../../time.ts'
import type { UploadedCertificate, UploadFacts } from '../third-party/upload-facts.ts'
import type { IssuedFacts } from './issued-facts.ts'
import { issuedFindings, needsReview } from './issued-findings.ts'

const fresh = { known: [], isPublicAuthority: true }

const issued = (
  upload: Partial<UploadedCertificate> = {},
  changed: Partial<UploadFacts> = {},
): IssuedFacts => ({ ...sampleFacts(upload, changed), validationType: 'ov' })
const withLeaf = (changed: Partial<CertificateFacts>): IssuedFacts =>
  issued({ leaf: sampleCertificate(changed) })
const subject = (changed: Partial<CertificateFacts['subject']>): IssuedFacts =>
  withLeaf({ subject: { ...sampleCertificate().subject, ...changed } })
const idsOf = (facts: IssuedFacts): readonly string[] => issuedFindings(facts).map(({ id }) => id)

describe('findings about a certificate that a CA issued', () => {
  it.each<[string, IssuedFacts]>([
    ['CERTIFICATE_SIGNATURE_MISMATCH', issued({}, { requestedSignatureHash: 'SHA-1' })],
    ['CSR_VS_CERTIFICATE_O_FIELD_MISMATCH', subject({ o: 'Another' })],
    ['CSR_VS_CERTIFICATE_SUBJECT_FIELD_CASE_MISMATCH', subject({ l: 'BERLIN' })],
    ['CERTIFICATE_MISSING_CN_FROM_SAN_LIST', subject({ cn: 'other.example' })],
    ['CSR_VS_CERTIFICATE_SAN_CASE_MISMATCH', issued({ writtenDnsNames: ['WWW.example', 'api.example'] })],
    ['CERTIFICATE_EXPIRATION_DATE_BEYOND_MAX_DAYS', withLeaf({ notAfter: plus(NOW, 400 * DAY) })],
    [
      'CERTIFICATE_EXPIRATION_DATE_IN_NEAR_FUTURE',
      withLeaf({ notBefore: plus(NOW, -60 * DAY), notAfter: plus(NOW, 30 * DAY) }),
    ],
    [
      'TRUST_CHAIN_EXPIRED_BEFORE_EE',
      issued({ chain: [sampleAuthority('Intermediate', { notAfter: plus(NOW, 30 * DAY) })] }),
    ],
  ])('tell %s, which wants a review', (id, facts) => {
    const found = issuedFindings(facts)
    expect(found.map((each) => each.id)).toEqual([id])
    expect(needsReview(found, fresh)).toBe(true)
  })

  it('are none for what was asked for, also when it lives six days or is signed by a longer hash', () => {
    expect(idsOf(issued())).toEqual([])
    expect(idsOf(withLeaf({ signatureHash: 'SHA-384' }))).toEqual([])
    expect(idsOf(withLeaf({ notBefore: NOW, notAfter: plus(NOW, 6 * DAY) }))).toEqual([])
  })

  it('tell of a missing OU without stopping: no public CA may write one (BR section 7.1.2.7.4)', () => {
    const found = issuedFindings(subject({ ou: null }))
    expect(found.map(({ id }) => id)).toEqual(['CSR_VS_CERTIFICATE_OU_FIELD_MISSING_IN_CERTIFICATE'])
    expect(needsReview(found, fresh)).toBe(false)
  })

  it('stop no renewal for what was told word for word of the certificate before', () => {
    const found = issuedFindings(issued({}, { requestedSignatureHash: 'SHA-1' }))
    expect(needsReview(found, { ...fresh, known: found })).toBe(false)
    const known = [{ id: 'CERTIFICATE_SIGNATURE_MISMATCH', text: 'another' }]
    expect(needsReview(found, { ...fresh, known })).toBe(true)
  })
  it('stop nothing for a long life under a root that is no public one', () => {
    const found = issuedFindings(withLeaf({ notAfter: plus(NOW, 400 * DAY) }))
    expect(found.map(({ id }) => id)).toEqual(['CERTIFICATE_EXPIRATION_DATE_BEYOND_MAX_DAYS'])
    expect(needsReview(found, fresh)).toBe(true)
    expect(needsReview(found, { ...fresh, isPublicAuthority: false })).toBe(false)
  })
})
