import type { ChangeView, DeploymentView, EnrollmentView, NameValidationView } from '../../src/app/views.ts'
import type { Contact, EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { changeId, contractId, enrollmentId } from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'

const AT = instant(Date.UTC(2026, 0, 2, 3, 4, 5))

const contact = (firstName: string): Contact => ({
  firstName,
  lastName: 'Doe',
  phone: '617-555-0111',
  email: 'someone@example.com',
  title: 'Captain',
  organizationName: 'Example',
  addressLineOne: '1 Main Street',
  addressLineTwo: null,
  city: 'Cambridge',
  region: 'MA',
  postalCode: '02142',
  country: 'US',
})

/** Settings with everything said that a DV enrollment can say. */
export const SETTINGS: EnrollmentSettings = {
  ra: 'lets-encrypt',
  validationType: 'dv',
  certificateType: 'san',
  certificateChainType: 'default',
  signatureAlgorithm: 'SHA-256',
  changeManagement: true,
  enableMultiStackedCertificates: false,
  csr: {
    cn: 'www.example.com',
    c: 'US',
    st: 'MA',
    l: 'Cambridge',
    o: 'Example',
    ou: 'Edge',
    sans: ['www.example.com', 'san.example.com'],
    preferredTrustChain: 'isrg-root-x1',
  },
  networkConfiguration: {
    geography: 'russia+core',
    secureNetwork: 'standard-tls',
    mustHaveCiphers: 'ak-akamai-2020q1',
    preferredCiphers: 'ak-akamai-2020q1',
    disallowedTlsVersions: ['TLSv1', 'TLSv1_1'],
    sniOnly: true,
    dnsNameSettings: { cloneDnsNames: false, dnsNames: ['www.example.com'] },
    quicEnabled: true,
    ocspStapling: 'not-set',
    clientMutualAuthentication: {
      setId: '1234',
      authenticationOptions: { sendCaListToClient: true, ocsp: { enabled: true } },
    },
    fipsMode: true,
  },
  org: {
    name: 'Example',
    addressLineOne: '1 Main Street',
    addressLineTwo: null,
    city: 'Cambridge',
    region: 'MA',
    postalCode: '02142',
    country: 'US',
    phone: '617-555-0111',
  },
  orgId: 42,
  adminContact: contact('Ada'),
  techContact: contact('Tim'),
  thirdParty: null,
}

export const viewOf = (settings: EnrollmentSettings): EnrollmentView => ({
  id: enrollmentId(10_001),
  contractId: contractId('C-1'),
  settings,
  assignedSlots: [7],
  stagingSlots: [7],
  productionSlots: [],
  autoRenewalStartTime: AT,
  pendingChanges: [{ changeId: changeId(10_002), action: 'modify-san' }],
})

export const CHANGE: ChangeView = {
  id: changeId(10_002),
  enrollmentId: enrollmentId(10_001),
  action: 'modify-san',
  status: 'coordinate-domain-validation',
  state: 'awaiting-input',
  error: null,
  schedule: { notBefore: AT, notAfter: null },
}

export const CHALLENGES: readonly NameValidationView[] = [
  {
    domain: 'www.example.com',
    status: 'failed-look',
    error: 'The name does not resolve.',
    requestedAt: AT,
    validatedAt: null,
    expires: AT,
    challenges: (['http-01', 'dns-01'] as const).map((type) => ({
      type,
      status: 'pending',
      token: 'token',
      keyAuthorization: 'token.thumbprint',
      error: null,
      records: [
        {
          hostname: 'www.example.com',
          port: '80',
          url: '',
          authorities: [],
          resolvedIp: ['192.0.2.1'],
          triedIp: '',
          usedIp: '',
        },
      ],
    })),
  },
]

const certificate = (keyAlgorithm: 'RSA' | 'ECDSA') => ({
  certificatePem: `-----BEGIN CERTIFICATE-----\n${keyAlgorithm}\n-----END CERTIFICATE-----\n`,
  chainPem: null,
  keyAlgorithm,
  signatureAlgorithm: 'SHA-256' as const,
  expiry: AT,
  serialNumber: '01',
  ocspUris: ['http://ocsp.example.com'],
})

export const DEPLOYMENT: DeploymentView = {
  network: 'production',
  primary: certificate('ECDSA'),
  multiStacked: [certificate('RSA')],
  settings: SETTINGS.networkConfiguration,
  servedNames: ['www.example.com'],
  certificateType: 'san',
  ra: 'lets-encrypt',
}
