import { describe, expect, it } from 'vitest'
import type {
  CertificateSubject,
  Contact,
  EnrollmentSettings,
  NetworkConfiguration,
} from '../enrollment/enrollment.ts'
import { classify, immutableDifferences } from './classify.ts'

const CONTACT: Contact = {
  firstName: 'Ada',
  lastName: 'Example',
  phone: null,
  email: 'ada@example.com',
  title: null,
  organizationName: null,
  addressLineOne: null,
  addressLineTwo: null,
  city: null,
  region: null,
  postalCode: null,
  country: null,
}

const BEFORE: EnrollmentSettings = {
  ra: 'lets-encrypt',
  validationType: 'dv',
  certificateType: 'san',
  certificateChainType: 'default',
  signatureAlgorithm: 'SHA-256',
  changeManagement: false,
  enableMultiStackedCertificates: false,
  csr: {
    cn: 'www.example.com',
    c: 'US',
    st: null,
    l: null,
    o: 'Example',
    ou: null,
    sans: ['a.example.com', 'bücher.example.com'],
    preferredTrustChain: null,
  },
  networkConfiguration: {
    geography: 'core',
    secureNetwork: 'enhanced-tls',
    mustHaveCiphers: 'ak-akamai-2020q1',
    preferredCiphers: 'ak-akamai-2020q1',
    disallowedTlsVersions: ['TLSv1', 'TLSv1_1'],
    sniOnly: true,
    dnsNameSettings: null,
    quicEnabled: false,
    ocspStapling: 'on',
    clientMutualAuthentication: null,
    fipsMode: false,
  },
  org: {
    name: 'Example',
    addressLineOne: null,
    addressLineTwo: null,
    city: null,
    region: null,
    postalCode: null,
    country: null,
    phone: null,
  },
  orgId: null,
  adminContact: CONTACT,
  techContact: CONTACT,
  thirdParty: null,
}

const withCsr = (csr: Partial<CertificateSubject>): EnrollmentSettings => ({
  ...BEFORE,
  csr: { ...BEFORE.csr, ...csr },
})
const withNetwork = (network: Partial<NetworkConfiguration>): EnrollmentSettings => ({
  ...BEFORE,
  networkConfiguration: { ...BEFORE.networkConfiguration, ...network },
})
const PLAIN = { forceRenewal: false }
const toward = (after: EnrollmentSettings) => classify(BEFORE, after, PLAIN)

describe('classify (C5)', () => {
  it('calls the first change a new certificate', () => {
    expect(classify(null, BEFORE, PLAIN)).toBe('new-certificate')
  })

  it('calls a forced one a renewal, with and without difference', () => {
    expect(classify(BEFORE, BEFORE, { forceRenewal: true })).toBe('renewal')
    expect(classify(BEFORE, withNetwork({ quicEnabled: true }), { forceRenewal: true })).toBe('renewal')
  })

  it('calls other names modify-san, whatever else differs', () => {
    expect(toward(withCsr({ sans: ['a.example.com'] }))).toBe('modify-san')
    expect(toward(withCsr({ sans: [...BEFORE.csr.sans, 'c.example.com'], o: 'Other' }))).toBe('modify-san')
  })

  it.each<[string, EnrollmentSettings]>([
    ['/csr/o', withCsr({ o: 'Other' })],
    ['/csr/ou', withCsr({ ou: 'Unit' })],
    ['/csr/preferredTrustChain', withCsr({ preferredTrustChain: 'isrg-root-x1' })],
    ['/certificateType', { ...BEFORE, certificateType: 'wildcard-san' }],
    ['/ra', { ...BEFORE, ra: 'symantec' }],
    ['/signatureAlgorithm', { ...BEFORE, signatureAlgorithm: 'SHA-1' }],
    ['/certificateChainType', { ...BEFORE, certificateChainType: 'symantec1kroot' }],
    ['/enableMultiStackedCertificates', { ...BEFORE, enableMultiStackedCertificates: true }],
    ['/thirdParty/excludeSans', { ...BEFORE, thirdParty: { excludeSans: true } }],
  ])('calls another %s modify-certificate', (_pointer, after) => {
    expect(toward(after)).toBe('modify-certificate')
  })

  it.each<[string, Partial<NetworkConfiguration>]>([
    ['geography', { geography: 'china+core' }],
    ['mustHaveCiphers', { mustHaveCiphers: 'ak-pci-dss' }],
    ['disallowedTlsVersions', { disallowedTlsVersions: ['TLSv1'] }],
    ['quicEnabled', { quicEnabled: true }],
    ['ocspStapling', { ocspStapling: 'off' }],
    ['fipsMode', { fipsMode: true }],
    [
      'clientMutualAuthentication',
      { clientMutualAuthentication: { setId: '12', authenticationOptions: null } },
    ],
    ['dnsNameSettings', { dnsNameSettings: { cloneDnsNames: false, dnsNames: ['a.example.com'] } }],
  ])('calls another %s network-only', (_member, network) => {
    expect(toward(withNetwork(network))).toBe('network-only')
  })

  it.each<[string, EnrollmentSettings]>([
    ['nothing differs', structuredClone(BEFORE)],
    [
      'contacts differ',
      {
        ...BEFORE,
        adminContact: { ...CONTACT, email: 'b@example.com' },
        techContact: { ...CONTACT, firstName: 'B' },
      },
    ],
    ['the organization differs', { ...BEFORE, org: { ...BEFORE.org, city: 'Berlin' }, orgId: 7 }],
    ['change management differs', { ...BEFORE, changeManagement: true }],
    [
      'names are written in another way or order',
      withCsr({ sans: ['xn--bcher-kva.example.com', 'A.Example.com.', 'WWW.example.com'] }),
    ],
    ['null stands as empty text', withCsr({ st: '', l: '', ou: '' })],
    ['protocol versions come in another order', withNetwork({ disallowedTlsVersions: ['TLSv1_1', 'TLSv1'] })],
    [
      'an empty mutual authentication is echoed',
      withNetwork({ clientMutualAuthentication: { setId: '', authenticationOptions: null } }),
    ],
    [
      'the filled-in names to serve are echoed',
      withNetwork({
        dnsNameSettings: { cloneDnsNames: true, dnsNames: ['www.example.com', ...BEFORE.csr.sans] },
      }),
    ],
    [
      'no names to serve are chosen',
      withNetwork({ dnsNameSettings: { cloneDnsNames: false, dnsNames: [] } }),
    ],
    ['a missing thirdParty is spelled out', { ...BEFORE, thirdParty: { excludeSans: false } }],
  ])('makes no change when %s', (_what, after) => {
    expect(toward(after)).toBeNull()
  })

  it('adds the missing certificate of a dual stack when that is allowed, for third-party alone', () => {
    const dual: EnrollmentSettings = {
      ...BEFORE,
      ra: 'third-party',
      validationType: 'third-party',
      certificateType: 'third-party',
      enableMultiStackedCertificates: true,
    }
    const allowed = { forceRenewal: false, allowMissingCertificateAddition: true }
    expect(classify(dual, dual, allowed)).toBe('modify-certificate')
    expect(classify(dual, dual, PLAIN)).toBeNull()
    expect(classify(BEFORE, BEFORE, allowed)).toBeNull()
  })
})

describe('immutableDifferences (G4)', () => {
  it('names each fixed member that differs', () => {
    const after: EnrollmentSettings = {
      ...withNetwork({ sniOnly: false, secureNetwork: 'standard-tls' }),
      validationType: 'ov',
      csr: { ...BEFORE.csr, cn: 'other.example.com' },
    }
    expect(immutableDifferences(BEFORE, after)).toEqual([
      '/validationType',
      '/csr/cn',
      '/networkConfiguration/secureNetwork',
      '/networkConfiguration/sniOnly',
    ])
  })

  it('takes the same common name in another spelling for the same', () => {
    expect(immutableDifferences(BEFORE, withCsr({ cn: 'WWW.EXAMPLE.com' }))).toEqual([])
  })
})
