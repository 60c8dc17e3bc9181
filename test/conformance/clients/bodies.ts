const CONTACT = {
  addressLineOne: '150 Broadway',
  city: 'Cambridge',
  country: 'US',
  email: 'r1d1@example.com',
  firstName: 'R1',
  lastName: 'D1',
  organizationName: 'Example',
  phone: '617-555-0111',
  postalCode: '02142',
  region: 'MA',
} as const

/**
 * What the Terraform provider makes of `akamai_cps_dv_enrollment`, as the Go SDK writes it: empty texts, empty lists and absent objects are left
 * out, booleans always come (spec: clients D1, D2.1).
 */
export const dvBody = (cn: string, sans: readonly string[] = [], changes: Record<string, unknown> = {}) => ({
  adminContact: CONTACT,
  certificateChainType: 'default',
  certificateType: 'san',
  changeManagement: false,
  csr: {
    c: 'US',
    cn,
    l: 'Cambridge',
    o: 'Example',
    ou: 'Edge',
    ...(sans.length > 0 && { sans }),
    st: 'MA',
  },
  enableMultiStackedCertificates: false,
  networkConfiguration: {
    disallowedTlsVersions: ['TLSv1', 'TLSv1_1'],
    dnsNameSettings: { cloneDnsNames: false, ...(sans.length > 0 && { dnsNames: sans }) },
    geography: 'core',
    mustHaveCiphers: 'ak-akamai-2020q1',
    ocspStapling: 'on',
    preferredCiphers: 'ak-akamai-2020q1',
    quicEnabled: false,
    secureNetwork: 'enhanced-tls',
    sniOnly: true,
  },
  org: {
    addressLineOne: '150 Broadway',
    city: 'Cambridge',
    country: 'US',
    name: 'Example',
    phone: '617-555-0111',
    postalCode: '02142',
    region: 'MA',
  },
  ra: 'lets-encrypt',
  signatureAlgorithm: 'SHA-256',
  techContact: { ...CONTACT, email: 'r2d2@akamai.example', firstName: 'R2', lastName: 'D2' },
  validationType: 'dv',
  ...changes,
})

/** `akamai_cps_third_party_enrollment`: dual-stacked always (spec: clients D2.6). */
export const thirdPartyBody = (
  cn: string,
  sans: readonly string[] = [],
  changes: Record<string, unknown> = {},
) => ({
  ...dvBody(cn, sans),
  certificateType: 'third-party',
  enableMultiStackedCertificates: true,
  ra: 'third-party',
  signatureAlgorithm: undefined,
  thirdParty: { excludeSans: false },
  validationType: 'third-party',
  ...changes,
})
