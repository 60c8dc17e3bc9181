import { z } from 'zod'

/** What the commands read of answers about a change's input and of histories. */

/** CPS API: Csr, v2. */
export const SigningRequests = z.looseObject({
  csrs: z.array(z.looseObject({ csr: z.string(), keyAlgorithm: z.string() })),
})
export type SigningRequests = z.infer<typeof SigningRequests>

/** CPS API: Warnings. One warning is one line. */
export const Warnings = z.looseObject({ warnings: z.string().nullish() })

/** CPS API: ChangeManagementInfo, v5. */
export const ChangeManagementInfo = z.looseObject({ validationResultHash: z.string() })
export type ChangeManagementInfo = z.infer<typeof ChangeManagementInfo>

const HistoricCertificate = z.looseObject({
  certificate: z.string().nullish(),
  expiry: z.string().nullish(),
  keyAlgorithm: z.string().nullish(),
})
export type HistoricCertificate = z.infer<typeof HistoricCertificate>

const certificates = {
  primaryCertificate: HistoricCertificate.nullish(),
  multiStackedCertificates: z
    .array(HistoricCertificate)
    .nullish()
    .transform((list) => list ?? []),
}

/** CPS API: ChangeHistory, v5. */
export const ChangeHistory = z.looseObject({
  changes: z.array(
    z.looseObject({
      ...certificates,
      action: z.string(),
      status: z.string(),
      createdBy: z.string().nullish(),
      createdOn: z.string(),
      lastUpdated: z.string().nullish(),
    }),
  ),
})
export type ChangeHistory = z.infer<typeof ChangeHistory>

/** CPS API: CertificateHistory, v2. */
export const CertificateHistory = z.looseObject({
  certificates: z.array(
    z.looseObject({
      ...certificates,
      type: z.string().nullish(),
      ra: z.string().nullish(),
      deploymentStatus: z.string().nullish(),
      stagingStatus: z.string().nullish(),
    }),
  ),
})
export type CertificateHistory = z.infer<typeof CertificateHistory>

/** CPS API: DvHistory. */
export const DvHistory = z.looseObject({
  results: z.array(
    z.looseObject({
      domain: z.string(),
      domainHistory: z.array(
        z.looseObject({
          status: z.string().nullish(),
          error: z.string().nullish(),
          requestTimestamp: z.string(),
          validatedTimestamp: z.string().nullish(),
          expires: z.string().nullish(),
        }),
      ),
    }),
  ),
})
export type DvHistory = z.infer<typeof DvHistory>
