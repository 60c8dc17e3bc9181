import type { ChangeHistoryEntry, HistoricCertificateView } from '../../app/views.ts'
import { toWireTime } from '../../domain/time.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { type Encoding, encodingsOf } from '../row.ts'
import { CHANGE_HISTORY_ANSWERS } from './answers.ts'
import { withoutKeyAlgorithms } from './key-algorithms.ts'

type Entries = readonly ChangeHistoryEntry[]

const newest = (entries: Entries): JsonObject => ({ changes: entries.map(encodeV5) })
const oldest = (entries: Entries): JsonObject => ({ changes: entries.map(encodeV3) })

/** CPS API: ChangeHistory. 1, 2 and 4 are not documented and taken to be as their successors (spec: api 5.15). */
export const changeHistoryVersions: readonly Encoding<Entries>[] = encodingsOf(
  'change-history',
  {
    1: oldest,
    2: oldest,
    3: oldest,
    4: newest,
    5: newest,
  },
  CHANGE_HISTORY_ANSWERS,
)

const encodeV5 = (entry: ChangeHistoryEntry): JsonObject => ({
  action: entry.action,
  actionDescription: entry.actionDescription,
  status: entry.status,
  createdBy: entry.createdBy,
  createdOn: toWireTime(entry.createdOn),
  lastUpdated: entry.lastUpdated === null ? null : toWireTime(entry.lastUpdated),
  businessCaseId: null,
  ra: entry.ra,
  primaryCertificate: entry.primary === null ? null : encodeCertificate(entry.primary),
  multiStackedCertificates: entry.multiStacked.map(encodeCertificate),
  primaryCertificateOrderDetails: entry.orderId === null ? null : { orderId: entry.orderId },
})

/** No key algorithms; an order has three members. */
const encodeV3 = (entry: ChangeHistoryEntry): JsonObject => ({
  ...withoutKeyAlgorithms(encodeV5(entry)),
  primaryCertificateOrderDetails: orderDetails(entry.orderId),
})

/** The first is a number: that of the order where it is one, else 0, which means nothing. */
function orderDetails(orderId: string | null): JsonValue {
  if (orderId === null) return null
  const number = /^\d{1,15}$/.test(orderId) ? Number(orderId) : 0
  return { geotrustOrderId: number, originalPartnerOrderId: orderId, partnerOrderId: orderId }
}

/** PEM as it came: clients compare it as text. The schema lets `csr` be no null, and the Terraform provider takes an empty one for none. */
const encodeCertificate = (certificate: HistoricCertificateView): JsonObject => ({
  certificate: certificate.certificatePem,
  csr: certificate.signingRequestPem ?? '',
  trustChain: certificate.chainPem,
  keyAlgorithm: certificate.keyAlgorithm,
})
