import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CERTIFICATE_SIGNATURE_MISMATCH'

/** What clients take when the enrollment names no algorithm (BR section 7.1.3.2). */
const SOUND: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512']

export const signatureHash: FindingRule = {
  ids: [ID],
  find({ leaf, signatureAlgorithm }, { requestedSignatureHash }) {
    const accepted = requestedSignatureHash === null ? SOUND : [requestedSignatureHash]
    if (accepted.includes(leaf.signatureHash)) return []
    return [
      finding(ID, {
        requestedSignatureAlgorithm: accepted[0] ?? '',
        cpsActualSignatureAlgorithm: leaf.signatureHash,
        actualSignatureAlgorithm: signatureAlgorithm,
      }),
    ]
  },
}
