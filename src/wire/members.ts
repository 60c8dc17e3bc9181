import { z } from 'zod'

/** Members that several resources share, as we answer them. Strict objects: nothing is ever added to a CPS object. */
export const wireTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
export const timeOrEmpty = z.union([wireTime, z.literal('')])
export const enrollmentPath = z.string().regex(/^\/cps\/v2\/enrollments\/\d+$/)
export const changePath = z.string().regex(/^\/cps\/v2\/enrollments\/\d+\/changes\/\d+$/)
export const textOrNull = z.string().nullable()
export const keyAlgorithm = z.enum(['RSA', 'ECDSA'])
export const signatureAlgorithm = z.enum(['SHA-1', 'SHA-256']).nullable()
export const registrationAuthority = z.enum(['lets-encrypt', 'symantec', 'third-party'])
export const certificateType = z.enum(['san', 'single', 'wildcard', 'wildcard-san', 'third-party'])
export const geography = z.enum(['core', 'china+core', 'russia+core'])
export const secureNetwork = z.enum(['enhanced-tls', 'standard-tls'])
export const networkType = z.enum(['standard-worldwide', 'worldwide', 'worldwide-russia'])
export const ocspStapling = z.enum(['on', 'off', 'not-set'])
export const disallowedTlsVersions = z.array(z.enum(['TLSv1', 'TLSv1_0', 'TLSv1_1', 'TLSv1_2', 'TLSv1_3']))
export const slots = z.array(z.int())

/** A list of names is never null where a version before 11 says it. */
export const sni = z.strictObject({ cloneDnsNames: z.boolean(), dnsNames: z.array(z.string()) }).nullable()

export const clientMutualAuthentication = z
  .strictObject({
    setId: textOrNull,
    authenticationOptions: z.strictObject({
      sendCaListToClient: z.boolean(),
      ocsp: z.strictObject({ enabled: z.boolean() }),
    }),
  })
  .nullable()
