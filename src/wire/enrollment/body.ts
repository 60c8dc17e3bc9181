import { z } from 'zod'
import { isPlainText, NOT_PLAIN_TEXT } from '../plain-text.ts'

const LONGEST_TEXT = 255
const MOST_NAMES_READ = 1_000

const text = (longest: number = LONGEST_TEXT) =>
  z
    .string()
    .max(longest, { error: `must not be longer than ${longest} characters` })
    .refine(isPlainText, { error: NOT_PLAIN_TEXT })

const optionalText = (longest?: number) => text(longest).nullish()

const flag = z.boolean().nullish()

/** Missing, null and empty mean the same (spec: behaviour G6). */
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum([...values, ''], { error: `must be one of ${values.join(', ')}` }).nullish()

const cipherProfile = z
  .string()
  .regex(/^(ak-[a-z0-9.-]{1,100})?$/, { error: 'must be the name of a cipher profile: ak-…' })
  .nullish()

const names = z.array(text()).max(MOST_NAMES_READ).nullish()

const contact = z
  .object({
    firstName: optionalText(),
    lastName: optionalText(),
    phone: optionalText(),
    email: optionalText(),
    title: optionalText(),
    organizationName: optionalText(),
    addressLineOne: optionalText(),
    addressLineTwo: optionalText(),
    city: optionalText(),
    region: optionalText(),
    postalCode: optionalText(),
    country: optionalText(),
  })
  .nullish()

const organization = z
  .object({
    name: optionalText(),
    addressLineOne: optionalText(),
    addressLineTwo: optionalText(),
    city: optionalText(),
    region: optionalText(),
    postalCode: optionalText(),
    country: optionalText(),
    phone: optionalText(),
  })
  .nullish()

/** Lengths: X.520 upper bounds (RFC 5280 appendix A). */
const csr = z
  .object({
    cn: optionalText(),
    c: z
      .string()
      .regex(/^([A-Za-z]{2})?$/, { error: 'must be a country code of two letters' })
      .nullish(),
    st: optionalText(128),
    l: optionalText(128),
    o: optionalText(64),
    ou: optionalText(64),
    sans: names,
    preferredTrustChain: optionalText(),
  })
  .nullish()

const mutualAuthentication = z
  .object({
    setId: optionalText(),
    authenticationOptions: z
      .object({ sendCaListToClient: flag, ocsp: z.object({ enabled: flag }).nullish() })
      .nullish(),
  })
  .nullish()

/** `TLSv1_0` is another spelling of `TLSv1` (spec: api 5.1). */
export const TLS_VERSIONS = ['TLSv1', 'TLSv1_0', 'TLSv1_1', 'TLSv1_2', 'TLSv1_3'] as const

const networkConfiguration = z
  .object({
    geography: oneOf(['core', 'china+core', 'russia+core']),
    secureNetwork: oneOf(['enhanced-tls', 'standard-tls']),
    mustHaveCiphers: cipherProfile,
    preferredCiphers: cipherProfile,
    disallowedTlsVersions: z
      .array(z.enum(TLS_VERSIONS, { error: `must be one of ${TLS_VERSIONS.join(', ')}` }))
      .max(20)
      .nullish(),
    sniOnly: flag,
    dnsNameSettings: z.object({ cloneDnsNames: flag, dnsNames: names }).nullish(),
    quicEnabled: flag,
    ocspStapling: oneOf(['on', 'off', 'not-set']),
    clientMutualAuthentication: mutualAuthentication,
    fipsMode: flag,
  })
  .nullish()

/**
 * What each member may look like. Everything may be missing here: which members are needed depends on others, and is
 * said by the rules, so that one answer names every fault. Read-only and unknown members are dropped: clients send back what they fetched.
 */
export const enrollmentBody = z.object({
  ra: oneOf(['lets-encrypt', 'symantec', 'third-party']),
  validationType: oneOf(['dv', 'ov', 'ev', 'third-party']),
  certificateType: oneOf(['san', 'single', 'wildcard', 'wildcard-san', 'third-party']),
  certificateChainType: oneOf(['default', 'symantec1kroot']),
  signatureAlgorithm: oneOf(['SHA-1', 'SHA-256']),
  changeManagement: flag,
  enableMultiStackedCertificates: flag,
  orgId: z
    .union([z.int().positive(), z.string().regex(/^\d{0,15}$/, { error: 'must be a number' })], {
      error: 'must be a number',
    })
    .nullish(),
  csr,
  networkConfiguration,
  org: organization,
  adminContact: contact,
  techContact: contact,
  thirdParty: z.object({ excludeSans: flag }).nullish(),
})

export type EnrollmentBody = z.infer<typeof enrollmentBody>
export type ContactBody = z.infer<typeof contact>
export type OrganizationBody = z.infer<typeof organization>
