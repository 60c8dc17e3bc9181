import { z } from 'zod'
import {
  clientMutualAuthentication,
  disallowedTlsVersions,
  geography,
  keyAlgorithm,
  networkType,
  ocspStapling,
  secureNetwork,
  signatureAlgorithm,
  sni,
  textOrNull,
  wireTime,
} from '../members.ts'

/** A deployment as each version answers it, every one said as its difference from its successor, as the lenses do. */

const certificate8 = z.strictObject({
  certificate: z.string(),
  trustChain: textOrNull,
  keyAlgorithm,
  signatureAlgorithm,
  expiry: wireTime,
})

const network8 = z.strictObject({
  geography,
  secureNetwork,
  mustHaveCiphers: z.string(),
  preferredCiphers: z.string(),
  disallowedTlsVersions,
  dnsNames: z.array(z.string()),
  ocspStapling,
  quicEnabled: z.boolean(),
  sniOnly: z.boolean(),
  clientMutualAuthentication,
  fipsMode: z.boolean(),
})

const v8 = z.strictObject({
  primaryCertificate: certificate8.nullable(),
  multiStackedCertificates: z.array(certificate8),
  ocspStapled: z.boolean(),
  ocspUris: z.array(z.string()),
  networkConfiguration: network8,
})

const network7 = network8.omit({ clientMutualAuthentication: true, fipsMode: true })
const v7 = v8.extend({ networkConfiguration: network7 })

const certificate6 = certificate8.omit({ keyAlgorithm: true })
const v6 = v7.extend({
  primaryCertificate: certificate6.nullable(),
  multiStackedCertificates: z.array(certificate6),
})

const network5 = network7
  .omit({ dnsNames: true, ocspStapling: true, quicEnabled: true, sniOnly: true })
  .extend({ sni })
const v5 = z.strictObject({
  certificate: textOrNull,
  trustChain: textOrNull,
  signatureAlgorithm,
  networkConfiguration: network5,
})

const network2 = network5.omit({ geography: true, secureNetwork: true }).extend({ networkType })
const v2 = v5.extend({ networkConfiguration: network2 })
const v1 = v2.extend({ networkConfiguration: network2.omit({ disallowedTlsVersions: true }) })

export const DEPLOYMENT_ANSWERS = {
  1: v1,
  2: v2,
  3: v5,
  4: v5,
  5: v5,
  6: v6,
  7: v7,
  8: v8,
} as const satisfies Readonly<Record<number, z.ZodType>>

export const DEPLOYMENTS_ANSWERS: Readonly<Record<number, z.ZodType>> = Object.fromEntries(
  Object.entries(DEPLOYMENT_ANSWERS).map(([version, deployment]) => [
    version,
    z.strictObject({ production: deployment.nullable(), staging: deployment.nullable() }),
  ]),
)
