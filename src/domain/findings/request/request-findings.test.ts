import { describe, expect, it } from 'vitest'
import { dvSettings } from '../../../../test/support/settings.ts'
import type { EnrollmentSettings, NetworkConfiguration } from '../../enrollment/enrollment.ts'
import { isOfRequest } from '../stages.ts'
import type { CaaStanding, NameStanding, RequestFacts } from './request-facts.ts'
import { REQUEST_WARNING_IDS, requestFindings } from './request-findings.ts'

const ASKED = dvSettings('www.example.com', ['api.example.com'])
const facts = (changed: Partial<RequestFacts> = {}): RequestFacts => ({
  settings: ASKED,
  settled: null,
  liveNames: [],
  overlaps: [],
  standings: [],
  ...changed,
})
const standing = (changed: Partial<NameStanding>): RequestFacts =>
  facts({
    standings: [
      { name: 'www.example.com', host: 'known', caa: { outcome: 'allows' }, delegated: true, ...changed },
    ],
  })
const withCaa = (caa: CaaStanding): RequestFacts => standing({ caa })
const serving = (dnsNames: readonly string[], sans: readonly string[] = []): EnrollmentSettings => {
  const settings = dvSettings('www.example.com', sans)
  const networkConfiguration: NetworkConfiguration = {
    ...settings.networkConfiguration,
    dnsNameSettings: { cloneDnsNames: false, dnsNames },
  }
  return { ...settings, networkConfiguration }
}
const overlap = (name: string, secureNetwork: 'enhanced-tls' | 'standard-tls') => ({ name, secureNetwork })
const forbids = (issuers: readonly string[]): CaaStanding => ({
  outcome: 'forbids',
  issuers,
  configured: ['letsencrypt.org'],
})
const SET = 'the CN and SANs of the certificate'

const CASES: readonly (readonly [id: string, facts: RequestFacts, texts: readonly string[]])[] = [
  [
    'SANS_REMOVED_REQUIRE_ACKNOWLEDGEMENT',
    facts({ settled: dvSettings('WWW.example.com', ['api.example.com', 'B.example.com', 'c.example.com']) }),
    [
      'The SANs [b.example.com, c.example.com] are scheduled to be removed with this operation. Removing SANs from this enrollment may result in a disruption of your service for TLS connections.',
    ],
  ],
  [
    'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK',
    facts({ liveNames: ['www.example.com', 'b.example.com', 'c.example.com'] }),
    [
      'SAN name [b.example.com] removed from certificate is still live on the network.',
      'SAN name [c.example.com] removed from certificate is still live on the network.',
    ],
  ],
  [
    'SNI_DNS_OVERLAP',
    facts({
      overlaps: [overlap('www.example.com', 'enhanced-tls'), overlap('api.example.com', 'enhanced-tls')],
    }),
    [
      'Name [www.example.com] is overlapping DNS name of one or more enrollments.',
      'Name [api.example.com] is overlapping DNS name of one or more enrollments.',
    ],
  ],
  [
    'OVERLAPPING_TRAFFIC_CLASS',
    facts({
      overlaps: [overlap('www.example.com', 'standard-tls'), overlap('api.example.com', 'standard-tls')],
    }),
    ['The following domain(s) overlap domains on another certificate: www.example.com, api.example.com.'],
  ],
  [
    'DNS_NAME_NOT_CONTAINED',
    facts({ settings: serving(['www.example.com', 'other.example.com']) }),
    [`DNS name other.example.com is not contained by ${SET}.`],
  ],
  [
    'DNS_NAME_IS_NO_LONGER_CONTAINED',
    facts({
      settings: serving(['gone.example.com']),
      settled: serving(['gone.example.com'], ['gone.example.com']),
    }),
    [
      'The SANs [gone.example.com] are scheduled to be removed with this operation. Removing SANs from this enrollment may result in a disruption of your service for TLS connections.',
      `DNS name gone.example.com is no longer contained by ${SET}; it will be dropped.`,
    ],
  ],
  [
    'DNS_UNKNOWN_HOST',
    standing({ host: 'unknown', delegated: false }),
    ['DNS Unknown Host Exception when processing www.example.com'],
  ],
  [
    'DNS_QUERY_NAME_SERVER_TIMEOUT',
    standing({ host: 'timeout' }),
    ['DNS name server timeout when processing www.example.com.'],
  ],
  [
    'DNS_NAME_SERVER_ADDRESS_NOT_RESOLVED',
    standing({ host: 'failed' }),
    ['DNS Name Server Address Exception when processing www.example.com'],
  ],
  [
    'DNS_NAME_ISSUER_NOT_IN_CAA_RECORD',
    withCaa(forbids(['digicert.com', 'sectigo.com'])),
    [
      'DNS name www.example.com allows CA issuers digicert.com, sectigo.com. Configured issuers are letsencrypt.org',
    ],
  ],
  [
    'DNS_NAME_ISSUER_FORBIDDEN_CAA_RECORD',
    withCaa(forbids([])),
    ['DNS name forbids CA issuer in CAA record.'],
  ],
  [
    'DNS_NAME_CAA_NOT_VALIDATED',
    withCaa({ outcome: 'failed' }),
    ['DNS name www.example.com CAA auto validation failed.'],
  ],
  [
    'DNS_TEXT_PARSE',
    withCaa({ outcome: 'unreadable' }),
    ['DNS Text Parse Exception when processing www.example.com'],
  ],
  [
    'DNS_NAME_NOT_CNAMED',
    standing({ delegated: false }),
    ['DNS name www.example.com not CNAMEd for auto validation.'],
  ],
]

describe('findings about a request', () => {
  it.each(CASES)('tell %s', (id, given, texts) => {
    const found = requestFindings(given)
    expect(found.map(({ text }) => text)).toEqual(texts)
    expect(found.map((each) => each.id)).toContain(id)
    expect(found.every(isOfRequest)).toBe(true)
  })

  it('have a case here for each of their ids', () => {
    expect(CASES.map(([id]) => id).toSorted()).toEqual([...REQUEST_WARNING_IDS].toSorted())
  })

  it.each<[string, RequestFacts]>([
    ['a first request', facts()],
    [
      'names that stay, however they are written',
      facts({ settled: dvSettings('www.example.com', ['API.example.com']) }),
    ],
    [
      'a live name that a wildcard goes on to cover',
      facts({ settings: dvSettings('*.example.com'), liveNames: ['b.example.com'] }),
    ],
    [
      'served names that the certificate is for',
      facts({ settings: serving(['b.example.com'], ['*.example.com']) }),
    ],
    ['a name that DNS knows well', standing({})],
    ['a name that was not looked at', standing({ host: null, caa: null, delegated: null })],
  ])('are none for %s', (_, given) => {
    expect(requestFindings(given)).toEqual([])
  })

  it('say nothing of delegation where no authority validates by itself', () => {
    const settings: EnrollmentSettings = { ...ASKED, validationType: 'ov', ra: 'symantec' }
    expect(requestFindings({ ...standing({ delegated: false }), settings })).toEqual([])
  })

  it('tell once that nobody may issue, since the text names no name', () => {
    const names = ['a.example.com', 'b.example.com']
    const standings = names.map((name) => ({ name, host: null, caa: forbids([]), delegated: null }))
    expect(requestFindings(facts({ standings }))).toHaveLength(1)
  })
})
