import { z } from 'zod'
import { enrollmentBody } from './body.ts'

/**
 * What a request body of each version may hold, for the OpenAPI document: every one said as its difference from its successor, as the
 * lenses do. Decoding lifts a body to the newest version first and reads it there.
 */

const csr12 = enrollmentBody.shape.csr.unwrap().unwrap()
const network12 = enrollmentBody.shape.networkConfiguration.unwrap().unwrap()
const contact12 = enrollmentBody.shape.adminContact.unwrap().unwrap()

const network11 = network12.omit({ fipsMode: true })
const v11 = enrollmentBody.extend({ networkConfiguration: network11.nullish() })
const v10 = v11.omit({ orgId: true })
const v9 = v10.extend({ csr: csr12.omit({ preferredTrustChain: true }).nullish() })

const network8 = network11.omit({ clientMutualAuthentication: true })
const v8 = v9.extend({ networkConfiguration: network8.nullish() })

const network6 = network8
  .omit({ dnsNameSettings: true, sniOnly: true, quicEnabled: true, ocspStapling: true })
  .extend({ sni: network12.shape.dnsNameSettings })
const v6 = v8
  .omit({ certificateChainType: true, enableMultiStackedCertificates: true })
  .extend({ networkConfiguration: network6.nullish() })

const contact2 = contact12.pick({ firstName: true, lastName: true, phone: true, email: true }).nullish()
const network2 = network6
  .omit({ geography: true })
  .extend({ networkType: z.enum(['standard-worldwide', 'worldwide', 'worldwide-russia']).nullish() })
const v2 = v6.extend({
  networkConfiguration: network2.nullish(),
  adminContact: contact2,
  techContact: contact2,
})

const v1 = v2.extend({
  networkConfiguration: network2.omit({ secureNetwork: true, disallowedTlsVersions: true }).nullish(),
})

const BODIES: Readonly<Record<number, z.ZodType>> = {
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
}

export const bodyOf = (version: number): z.ZodType => BODIES[version] ?? enrollmentBody
