import { finding } from '../finding-text.ts'
import { expectedNames } from './expected-names.ts'
import type { FindingRule } from './rule.ts'

const ID = 'CSR_VS_CERTIFICATE_SAN_CASE_MISMATCH'

/** Harmless to clients (RFC 4343), and yet not what was asked for. */
export const nameCase: FindingRule = {
  ids: [ID],
  find(upload, facts) {
    const { dnsNames } = upload.signingRequest
    const asked = dnsNames.length > 0 ? dnsNames : [...expectedNames(upload, facts)]
    const byLowerCase = new Map(asked.map((name) => [name.toLowerCase(), name]))
    return upload.writtenDnsNames.flatMap((written) => {
      const csrValue = byLowerCase.get(written.toLowerCase())
      if (csrValue === undefined || csrValue === written || asked.includes(written)) return []
      return [finding(ID, { certificateValue: written, csrValue, keyAlgorithm: upload.keyAlgorithm })]
    })
  },
}
