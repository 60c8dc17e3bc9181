import type { CertificateHistoryEntry, HistoricCertificateView } from '../../app/views.ts'
import { toWireTime } from '../../domain/time.ts'
import type { JsonObject } from '../json.ts'
import { type Encoding, encodingsOf } from '../row.ts'
import { CERTIFICATE_HISTORY_ANSWERS } from './answers.ts'
import { withoutKeyAlgorithms } from './key-algorithms.ts'

/** CPS API: CertificateHistory. Version 1 does not say key algorithms. */
export const certificateHistoryVersions: readonly Encoding<readonly CertificateHistoryEntry[]>[] =
  encodingsOf(
    'certificate-history',
    {
      1: (entries: readonly CertificateHistoryEntry[]): JsonObject => ({
        certificates: entries.map((entry) => withoutKeyAlgorithms(encodeEntry(entry))),
      }),
      2: (entries: readonly CertificateHistoryEntry[]): JsonObject => ({
        certificates: entries.map(encodeEntry),
      }),
    },
    CERTIFICATE_HISTORY_ANSWERS,
  )

/** `geography` as the enrollment has it, as in the examples; the schema's own enumeration is that of the old network types. */
const encodeEntry = (entry: CertificateHistoryEntry): JsonObject => ({
  type: entry.certificateType,
  deploymentStatus: entry.productionActive ? 'active' : 'inactive',
  stagingStatus: entry.stagingActive ? 'active' : 'inactive',
  geography: entry.geography,
  ra: entry.ra,
  slots: entry.slots,
  primaryCertificate: entry.primary === null ? null : encodeCertificate(entry.primary),
  multiStackedCertificates: entry.multiStacked.map(encodeCertificate),
})

/** A time that is not known is empty: the schema has no null here. */
const encodeCertificate = (certificate: HistoricCertificateView): JsonObject => ({
  certificate: certificate.certificatePem,
  trustChain: certificate.chainPem,
  expiry: certificate.expiry === null ? '' : toWireTime(certificate.expiry),
  keyAlgorithm: certificate.keyAlgorithm,
})
