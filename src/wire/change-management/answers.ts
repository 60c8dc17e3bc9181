import { z } from 'zod'
import {
  certificateType,
  clientMutualAuthentication,
  disallowedTlsVersions,
  keyAlgorithm,
  networkType,
  ocspStapling,
  signatureAlgorithm,
  sni,
  wireTime,
} from '../members.ts'

/** ChangeManagementInfo as each version answers it, every one said as its difference from its successor, as the lenses do. */

/** Texts, as the samples have them. */
const flag = z.enum(['true', 'false'])
const finding = z.strictObject({ message: z.string(), messageCode: z.string() })

const certificate6 = z.strictObject({
  certificateType,
  fullCertificate: z.string(),
  keyAlgorithm,
  signatureAlgorithm,
  ocspStapled: flag,
  ocspUris: z.array(z.string()),
})

const network6 = z.strictObject({
  networkType,
  mustHaveCiphers: z.string(),
  preferredCiphers: z.string(),
  disallowedTlsVersions,
  dnsNameSettings: sni,
  ocspStapling,
  quicEnabled: flag,
  sniOnly: flag,
  clientMutualAuthentication,
  fipsMode: z.boolean(),
})

const several = z.strictObject({
  pendingCertificates: z.array(certificate6),
  pendingNetworkConfiguration: network6,
})

const v6 = z.strictObject({
  acknowledgementDeadline: wireTime.nullable(),
  validationResultHash: z.string(),
  pendingState: several,
  validationResult: z.strictObject({ errors: z.array(finding).nullable(), warnings: z.array(finding) }),
})

const network5 = network6.omit({ clientMutualAuthentication: true, fipsMode: true })
const v5 = v6.extend({ pendingState: several.extend({ pendingNetworkConfiguration: network5 }) })

const certificate4 = certificate6.omit({ keyAlgorithm: true })
const one = z.strictObject({
  pendingCertificate: certificate4.nullable(),
  pendingNetworkConfiguration: network5,
})
const v4 = v5.extend({ pendingState: one })

const network3 = network5
  .omit({ dnsNameSettings: true, ocspStapling: true, quicEnabled: true, sniOnly: true })
  .extend({ sni })
const bare = one.extend({
  pendingCertificate: certificate4.omit({ ocspStapled: true, ocspUris: true }).nullable(),
  pendingNetworkConfiguration: network3,
})
const v3 = v4.extend({ pendingState: bare })
const v1 = v3.extend({
  pendingState: bare.extend({ pendingNetworkConfiguration: network3.omit({ disallowedTlsVersions: true }) }),
})

export const CHANGE_MANAGEMENT_ANSWERS: Readonly<Record<number, z.ZodType>> = {
  1: v1,
  2: v3,
  3: v3,
  4: v4,
  5: v5,
  6: v6,
}
