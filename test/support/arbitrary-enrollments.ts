import fc from 'fast-check'
import type {
  Contact,
  EnrollmentSettings,
  NetworkConfiguration,
  Organization,
} from '../../src/domain/enrollment/enrollment.ts'

/** Any enrollment that the rules let pass, with hostile but storable texts. */

const text = (longest: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: 'grapheme', maxLength: longest })
    .filter((value) => !value.includes('\0') && value.length <= longest)

const textOrNull = (longest = 40): fc.Arbitrary<string | null> => fc.option(text(longest), { freq: 3 })

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/)
const name = fc.tuple(label, label).map(([host, zone]) => `${host}.${zone}.example`)

const organization: fc.Arbitrary<Organization> = fc.record({
  name: textOrNull(),
  addressLineOne: textOrNull(),
  addressLineTwo: textOrNull(),
  city: textOrNull(),
  region: textOrNull(),
  postalCode: textOrNull(),
  country: textOrNull(),
  phone: textOrNull(),
})

const contact: fc.Arbitrary<Contact> = fc.record({
  firstName: textOrNull(),
  lastName: textOrNull(),
  phone: textOrNull(),
  email: textOrNull(),
  title: textOrNull(),
  organizationName: textOrNull(),
  addressLineOne: textOrNull(),
  addressLineTwo: textOrNull(),
  city: textOrNull(),
  region: textOrNull(),
  postalCode: textOrNull(),
  country: textOrNull(),
})

const cipherProfile = fc.constantFrom('ak-akamai-default', 'ak-akamai-2020q1', 'ak-pci-dss-3.2')

const network: fc.Arbitrary<NetworkConfiguration> = fc
  .record({
    geography: fc.constantFrom('core', 'china+core', 'russia+core'),
    secureNetwork: fc.constantFrom('enhanced-tls', 'standard-tls'),
    mustHaveCiphers: cipherProfile,
    preferredCiphers: cipherProfile,
    disallowedTlsVersions: fc.uniqueArray(fc.constantFrom('TLSv1', 'TLSv1_0', 'TLSv1_1', 'TLSv1_2')),
    sniOnly: fc.boolean(),
    dnsNameSettings: fc.record({
      cloneDnsNames: fc.boolean(),
      dnsNames: fc.option(fc.uniqueArray(name, { maxLength: 3 })),
    }),
    quicEnabled: fc.boolean(),
    ocspStapling: fc.constantFrom('on', 'off', 'not-set'),
    clientMutualAuthentication: fc.option(
      fc.record({
        setId: textOrNull(),
        authenticationOptions: fc.record({
          sendCaListToClient: fc.boolean(),
          ocsp: fc.record({ enabled: fc.boolean() }),
        }),
      }),
    ),
    fipsMode: fc.boolean(),
  })
  .map((drawn) => ({ ...drawn, dnsNameSettings: drawn.sniOnly ? drawn.dnsNameSettings : null }))

const kind = fc.constantFrom(
  { validationType: 'dv', ra: 'lets-encrypt', certificateType: 'san' } as const,
  { validationType: 'ov', ra: 'symantec', certificateType: 'wildcard-san' } as const,
  { validationType: 'ev', ra: 'symantec', certificateType: 'single' } as const,
  { validationType: 'third-party', ra: 'third-party', certificateType: 'third-party' } as const,
)

export const anySettings: fc.Arbitrary<EnrollmentSettings> = kind.chain((chosen) =>
  fc.record({
    ra: fc.constant(chosen.ra),
    validationType: fc.constant(chosen.validationType),
    certificateType: fc.constant(chosen.certificateType),
    certificateChainType: fc.constantFrom('default', 'symantec1kroot'),
    signatureAlgorithm:
      chosen.validationType === 'third-party'
        ? fc.constantFrom(null, 'SHA-1', 'SHA-256')
        : fc.constantFrom('SHA-1', 'SHA-256'),
    changeManagement: fc.boolean(),
    enableMultiStackedCertificates: chosen.validationType === 'dv' ? fc.constant(false) : fc.boolean(),
    csr: fc.record({
      cn: name,
      c: fc.option(fc.constantFrom('US', 'de', '')),
      st: textOrNull(),
      l: textOrNull(),
      o: textOrNull(),
      ou: textOrNull(),
      sans: fc.uniqueArray(name, { maxLength: 4 }),
      preferredTrustChain: chosen.validationType === 'dv' ? textOrNull() : fc.constant(null),
    }),
    networkConfiguration: network,
    org: organization.map((drawn) => ({ ...drawn, name: 'Example' })),
    orgId: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
    adminContact: contact.map((drawn) => ({ ...drawn, email: 'a@example.com' })),
    techContact: contact.map((drawn) => ({ ...drawn, email: 't@example.com' })),
    thirdParty:
      chosen.validationType === 'third-party' ? fc.record({ excludeSans: fc.boolean() }) : fc.constant(null),
  }),
)
