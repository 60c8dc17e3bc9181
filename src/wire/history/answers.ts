import { z } from 'zod'
import {
  certificateType,
  geography,
  keyAlgorithm,
  registrationAuthority,
  slots,
  textOrNull,
  timeOrEmpty,
  wireTime,
} from '../members.ts'

/** Both histories as each version answers them. */

const activity = z.enum(['active', 'inactive'])

const certificate2 = z.strictObject({
  certificate: textOrNull,
  trustChain: textOrNull,
  expiry: timeOrEmpty,
  keyAlgorithm,
})

const historic2 = z.strictObject({
  type: certificateType,
  deploymentStatus: activity,
  stagingStatus: activity,
  geography,
  ra: registrationAuthority,
  slots,
  primaryCertificate: certificate2.nullable(),
  multiStackedCertificates: z.array(certificate2),
})

const certificate1 = certificate2.omit({ keyAlgorithm: true })
const historic1 = historic2.extend({
  primaryCertificate: certificate1.nullable(),
  multiStackedCertificates: z.array(certificate1),
})

export const CERTIFICATE_HISTORY_ANSWERS: Readonly<Record<number, z.ZodType>> = {
  1: z.strictObject({ certificates: z.array(historic1) }),
  2: z.strictObject({ certificates: z.array(historic2) }),
}

const certificate5 = z.strictObject({
  certificate: textOrNull,
  csr: z.string(),
  trustChain: textOrNull,
  keyAlgorithm,
})

const change5 = z.strictObject({
  action: z.enum([
    'import-certificate',
    'renew',
    'new-certificate',
    'modify-san',
    'update-network-configuration',
  ]),
  actionDescription: z.string(),
  status: z.enum(['incomplete', 'cancelled', 'completed']),
  createdBy: z.string(),
  createdOn: wireTime,
  lastUpdated: wireTime.nullable(),
  businessCaseId: z.null(),
  ra: registrationAuthority,
  primaryCertificate: certificate5.nullable(),
  multiStackedCertificates: z.array(certificate5),
  primaryCertificateOrderDetails: z.strictObject({ orderId: z.string() }).nullable(),
})

const certificate3 = certificate5.omit({ keyAlgorithm: true })
const change3 = change5.extend({
  primaryCertificate: certificate3.nullable(),
  multiStackedCertificates: z.array(certificate3),
  primaryCertificateOrderDetails: z
    .strictObject({
      geotrustOrderId: z.int(),
      originalPartnerOrderId: z.string(),
      partnerOrderId: z.string(),
    })
    .nullable(),
})

const newest = z.strictObject({ changes: z.array(change5) })
const oldest = z.strictObject({ changes: z.array(change3) })

export const CHANGE_HISTORY_ANSWERS: Readonly<Record<number, z.ZodType>> = {
  1: oldest,
  2: oldest,
  3: oldest,
  4: newest,
  5: newest,
}
