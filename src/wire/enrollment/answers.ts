import { z } from 'zod'
import {
  certificateType,
  changePath,
  clientMutualAuthentication,
  disallowedTlsVersions,
  enrollmentPath,
  geography,
  networkType,
  ocspStapling,
  registrationAuthority,
  secureNetwork,
  signatureAlgorithm,
  slots,
  sni,
  textOrNull,
  wireTime,
} from '../members.ts'

/** The enrollment as each version answers it, every one said as its difference from its successor, as the lenses do. */

const contact12 = z.strictObject({
  firstName: textOrNull,
  lastName: textOrNull,
  phone: textOrNull,
  email: textOrNull,
  title: textOrNull,
  organizationName: textOrNull,
  addressLineOne: textOrNull,
  addressLineTwo: textOrNull,
  city: textOrNull,
  region: textOrNull,
  postalCode: textOrNull,
  country: textOrNull,
})

const organization12 = z.strictObject({
  name: textOrNull,
  addressLineOne: textOrNull,
  addressLineTwo: textOrNull,
  city: textOrNull,
  region: textOrNull,
  postalCode: textOrNull,
  country: textOrNull,
  phone: textOrNull,
})

const csr12 = z.strictObject({
  cn: z.string(),
  c: textOrNull,
  st: textOrNull,
  l: textOrNull,
  o: textOrNull,
  ou: textOrNull,
  sans: z.array(z.string()),
  preferredTrustChain: textOrNull,
})

const network12 = z.strictObject({
  geography,
  secureNetwork,
  mustHaveCiphers: z.string(),
  preferredCiphers: z.string(),
  disallowedTlsVersions,
  sniOnly: z.boolean(),
  dnsNameSettings: z
    .strictObject({ cloneDnsNames: z.boolean(), dnsNames: z.array(z.string()).nullable() })
    .nullable(),
  quicEnabled: z.boolean(),
  ocspStapling,
  clientMutualAuthentication,
  fipsMode: z.boolean(),
})

const v12 = z.strictObject({
  id: z.int().positive(),
  location: enrollmentPath,
  ra: registrationAuthority,
  validationType: z.enum(['dv', 'ov', 'ev', 'third-party']),
  certificateType,
  certificateChainType: z.enum(['default', 'symantec1kroot']),
  signatureAlgorithm,
  changeManagement: z.boolean(),
  enableMultiStackedCertificates: z.boolean(),
  autoRenewalStartTime: wireTime.nullable(),
  maxAllowedSanNames: z.int(),
  maxAllowedWildcardSanNames: z.int(),
  orgId: z.int().nullable(),
  assignedSlots: slots,
  productionSlots: slots,
  stagingSlots: slots,
  csr: csr12,
  networkConfiguration: network12,
  org: organization12,
  adminContact: contact12,
  techContact: contact12,
  thirdParty: z.strictObject({ excludeSans: z.boolean() }).nullable(),
  pendingChanges: z.array(
    z.strictObject({
      location: changePath,
      changeType: z.enum(['new-certificate', 'modify-certificate', 'modify-san', 'renewal']).nullable(),
    }),
  ),
})

const network11 = network12.omit({ fipsMode: true })
const v11 = v12.extend({ networkConfiguration: network11 })

const text = z.string()
const contact10 = contact12.extend({ firstName: text, lastName: text, phone: text, email: text })
const csr10 = csr12.extend({ c: text, st: text, l: text, o: text, preferredTrustChain: text })
const network10 = network11.extend({
  dnsNameSettings: sni,
  clientMutualAuthentication: clientMutualAuthentication.unwrap().extend({ setId: text }).nullable(),
})
const v10 = v11
  .omit({ id: true, orgId: true, assignedSlots: true, productionSlots: true, stagingSlots: true })
  .extend({
    csr: csr10,
    networkConfiguration: network10,
    org: organization12.extend({ name: text, phone: text }),
    adminContact: contact10,
    techContact: contact10,
  })

const v9 = v10.extend({
  csr: csr10.omit({ preferredTrustChain: true }),
  pendingChanges: z.array(changePath),
})

const network8 = network10.omit({ clientMutualAuthentication: true })
const v8 = v9.omit({ autoRenewalStartTime: true }).extend({ networkConfiguration: network8 })

const network6 = network8
  .omit({ dnsNameSettings: true, sniOnly: true, quicEnabled: true, ocspStapling: true })
  .extend({ sni })
const v6 = v8
  .omit({
    certificateChainType: true,
    enableMultiStackedCertificates: true,
    maxAllowedSanNames: true,
    maxAllowedWildcardSanNames: true,
  })
  .extend({ networkConfiguration: network6 })

const contact2 = contact10.pick({ firstName: true, lastName: true, phone: true, email: true })
const network2 = network6.omit({ geography: true }).extend({ networkType })
const v2 = v6.extend({ networkConfiguration: network2, adminContact: contact2, techContact: contact2 })

const v1 = v2.extend({
  networkConfiguration: network2.omit({ secureNetwork: true, disallowedTlsVersions: true }),
})

export const ENROLLMENT_ANSWERS = {
  1: v1,
  2: v2,
  3: v6,
  4: v6,
  5: v6,
  6: v6,
  7: v8,
  8: v8,
  9: v9,
  10: v10,
  11: v11,
  12: v12,
} as const satisfies Readonly<Record<number, z.ZodType>>

/** Items of the fourth version of the list, and only of the list, have two members more (spec: api 5.2). */
const listed4 = v6.extend({
  certificateChainType: v12.shape.certificateChainType,
  enableMultiStackedCertificates: z.boolean(),
})

export const ENROLLMENTS_ANSWERS: Readonly<Record<number, z.ZodType>> = Object.fromEntries(
  Object.entries(ENROLLMENT_ANSWERS).map(([version, enrollment]) => [
    version,
    z.strictObject({ enrollments: z.array(version === '4' ? listed4 : enrollment) }),
  ]),
)
