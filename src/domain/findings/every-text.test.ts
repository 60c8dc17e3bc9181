import { CPS_LEAD_DAYS } from '../renewal/renewal-start.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dvSettings } from '../../../test/support/settings.ts'
import { NOW, sampleAuthority, sampleCertificate, sampleUpload } from '../../../test/support/upload-facts.ts'
import { readWarnings } from '../../../test/support/warnings-reading.ts'
import type { CertificateFacts, DistinguishedName } from '../certificate/certificate.ts'
import type { Finding } from '../change/change.ts'
import { DAY, plus } from '../time.ts'
import { WARNINGS, WARNING_IDS, type WarningId } from './catalogue.ts'
import { issuedFindings } from './issued/issued-findings.ts'
import type { CaaStanding, RequestFacts } from './request/request-facts.ts'
import { REQUEST_WARNING_IDS, requestFindings } from './request/request-findings.ts'
import { thirdPartyFindings } from './third-party/third-party-findings.ts'
import type { UploadedCertificate, UploadFacts } from './third-party/upload-facts.ts'

/** What somebody could write into a name or a subject to be taken for another warning, or to break the text. */
const hostile = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '\n',
    'a\r\nb',
    '\u2028',
    '\u202e\u2066',
    '\0',
    '\ud800',
    '] vs missing.',
    '$&',
    'e\u0301'.repeat(500),
  ),
  fc.constantFrom(...WARNING_IDS).map((id) => WARNINGS[id].replaceAll(/<.+?>/g, 'x')),
  fc.constantFrom(...WARNING_IDS).map((id) => `www.example\n${WARNINGS[id]}`),
)
const honest = fc.constantFrom(
  'www.example',
  'api.example',
  'Www.Example',
  '*.example',
  'xn--bcher-kva.example',
)
const name = fc.oneof(honest, hostile)
const names = fc.array(name, { maxLength: 4 })
const field = fc.oneof(fc.constant(null), fc.constantFrom('Example', 'EXAMPLE', 'Other'), hostile)
const distinguishedName: fc.Arbitrary<DistinguishedName> = fc.record({
  cn: fc.oneof(field, honest),
  o: field,
  ou: field,
  l: field,
  st: field,
  c: field,
})
const days = fc.integer({ min: -500, max: 1_000 })
const algorithm = fc.constantFrom('RSA' as const, 'ECDSA' as const)
const hash = fc.constantFrom('SHA-1', 'SHA-256', 'MD5')

const certificate: fc.Arbitrary<CertificateFacts> = fc
  .record({
    subject: distinguishedName,
    issuer: distinguishedName,
    names,
    days,
    life: fc.nat(900),
    hash,
    serial: hostile,
  })
  .map(({ subject, issuer, names: dnsNames, days: left, life, hash: signatureHash, serial: serialNumber }) =>
    sampleCertificate({
      subject,
      issuer,
      dnsNames,
      signatureHash,
      serialNumber,
      notBefore: plus(NOW, (left - life) * DAY),
      notAfter: plus(NOW, left * DAY),
    }),
  )

const upload: fc.Arbitrary<UploadedCertificate> = fc
  .record({
    leaf: certificate,
    chain: fc.array(fc.oneof(certificate, fc.constant(sampleAuthority('Root'))), { maxLength: 3 }),
    path: fc.subarray([0, 1, 2]),
    asked: fc.record({ subject: distinguishedName, dnsNames: names }),
    writtenDnsNames: names,
    pathFault: fc.oneof(fc.constant(null), hostile),
    roots: fc.subarray(['root', 'other']),
    keyAlgorithm: algorithm,
  })
  .map(({ asked, path, chain, ...rest }) =>
    sampleUpload({
      ...rest,
      chain,
      path: path.filter((place) => place < chain.length),
      signingRequest: { ...asked, publicKeyFingerprint: 'key' },
    }),
  )

const uploadFacts: fc.Arbitrary<UploadFacts> = fc.record({
  uploads: fc.array(upload, { minLength: 1, maxLength: 2 }),
  expectedAlgorithms: fc.subarray(['RSA' as const, 'ECDSA' as const]),
  requestedNames: names,
  requestedSignatureHash: fc.oneof(fc.constant(null), hash),
  standardRoots: fc.constantFrom('any' as const, new Set(['root']), new Set<string>()),
  liveNames: names,
  keysOfOthers: fc.constantFrom(new Set<string>(), new Set(['key'])),
  leadDays: fc.constant(CPS_LEAD_DAYS),
  now: fc.constant(NOW),
})

const caa: fc.Arbitrary<CaaStanding | null> = fc.oneof(
  fc.constantFrom(null, { outcome: 'failed' as const }, { outcome: 'unreadable' as const }),
  fc.record({ outcome: fc.constant('forbids' as const), issuers: names, configured: names }),
)
const settings = fc.record({ cn: name, sans: names, served: names }).map(({ cn, sans, served }) => {
  const plain = dvSettings(cn, sans)
  const dnsNameSettings = { cloneDnsNames: false, dnsNames: served }
  return { ...plain, networkConfiguration: { ...plain.networkConfiguration, dnsNameSettings } }
})
const requestFacts: fc.Arbitrary<RequestFacts> = fc.record({
  settings,
  settled: fc.option(settings),
  liveNames: names,
  overlaps: fc.array(
    fc.record({ name, secureNetwork: fc.constantFrom('enhanced-tls' as const, 'standard-tls' as const) }),
    { maxLength: 3 },
  ),
  standings: fc.array(
    fc.record({
      name,
      host: fc.constantFrom(
        'known' as const,
        'unknown' as const,
        'timeout' as const,
        'failed' as const,
        null,
      ),
      caa,
      delegated: fc.constantFrom(true, false, null),
    }),
    { maxLength: 3 },
  ),
})

const RUNS = process.env['CERTRAIL_TEST_LONG'] === '1' ? 10_000 : 150

const seen = new Set<string>()

/** Alone, and as one blob with all others of the same moment. */
function expectReadable(found: readonly Finding[]): void {
  for (const { id, text } of found) {
    seen.add(id)
    expect(readWarnings(text)).toEqual([[id]])
  }
  if (found.length === 0) return
  expect(readWarnings(found.map(({ text }) => text).join('\n'))).toEqual(found.map(({ id }) => [id]))
}

describe('every text that a rule writes is read back by the Terraform provider as that warning and no other', () => {
  it('of checks of the request', () => {
    fc.assert(
      fc.property(requestFacts, (facts) => expectReadable(requestFindings(facts))),
      { numRuns: RUNS },
    )
    expect(REQUEST_WARNING_IDS.filter((id: WarningId) => !seen.has(id))).toEqual([])
  })

  it('of third-party uploads', () => {
    fc.assert(
      fc.property(uploadFacts, (facts) => expectReadable(thirdPartyFindings(facts))),
      { numRuns: RUNS },
    )
  })

  it('of CA-issued certificates', () => {
    const types = fc.constantFrom('dv' as const, 'ov' as const, 'ev' as const)
    fc.assert(
      fc.property(uploadFacts, types, (facts, validationType) =>
        expectReadable(issuedFindings({ ...facts, validationType })),
      ),
      { numRuns: RUNS },
    )
  })
})
