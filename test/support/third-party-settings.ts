import type { Contact, EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'

const NOWHERE = {
  addressLineOne: null,
  addressLineTwo: null,
  city: null,
  region: null,
  postalCode: null,
  country: null,
} as const

const CONTACT: Contact = {
  ...NOWHERE,
  firstName: 'Test',
  lastName: 'Person',
  phone: '+1 555 0100',
  email: 'test@example.com',
  title: null,
  organizationName: null,
}

/** A single-stacked third-party enrollment with change management, as the use cases get it. */
export const thirdPartySettings = (cn: string): EnrollmentSettings => ({
  ra: 'third-party',
  validationType: 'third-party',
  certificateType: 'third-party',
  certificateChainType: 'default',
  signatureAlgorithm: null,
  changeManagement: true,
  enableMultiStackedCertificates: false,
  csr: { cn, c: 'US', st: 'MA', l: 'Cambridge', o: 'Example', ou: 'IT', sans: [], preferredTrustChain: null },
  networkConfiguration: {
    geography: 'core',
    secureNetwork: 'enhanced-tls',
    mustHaveCiphers: 'ak-akamai-2020q1',
    preferredCiphers: 'ak-akamai-2020q1',
    disallowedTlsVersions: [],
    sniOnly: true,
    dnsNameSettings: { cloneDnsNames: true, dnsNames: null },
    quicEnabled: false,
    ocspStapling: 'on',
    clientMutualAuthentication: null,
    fipsMode: false,
  },
  org: { ...NOWHERE, name: 'Example', phone: null },
  orgId: null,
  adminContact: CONTACT,
  techContact: CONTACT,
  thirdParty: { excludeSans: false },
})
