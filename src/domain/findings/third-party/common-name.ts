import { comparableName } from '../../enrollment/served-names.ts'
import { type Finding } from '../../change/change.ts'
import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'
import type { UploadedCertificate } from './upload-facts.ts'

const MISMATCH = 'CSR_VS_CERTIFICATE_CN_MISMATCH'
const CASE = 'CSR_VS_CERTIFICATE_CN_CASE_MISMATCH'
const MISSING = 'CSR_VS_CERTIFICATE_CN_MISSING'
const ADDED = 'CSR_VS_CERTIFICATE_SUBJECT_FIELD_MISMATCH_MISSING_IN_CSR'

/** A common name beyond 64 characters cannot be asked for (RFC 5280 appendix A.1): without one on either side nothing differs. */
export const commonName: FindingRule = {
  ids: [MISMATCH, CASE, MISSING, ADDED],
  find(upload) {
    const { keyAlgorithm, leaf, signingRequest } = upload
    const certificateValue = leaf.subject.cn ?? ''
    const csrValue = signingRequest.subject.cn ?? ''
    if (certificateValue === csrValue) return []
    if (certificateValue === '') return [finding(MISSING, { keyAlgorithm, certificateValue, csrValue })]
    if (csrValue === '') {
      return [finding(ADDED, { subjectfield: 'CN', keyAlgorithm, certificateSubjectValue: certificateValue })]
    }
    return differing(upload, certificateValue, csrValue)
  },
}

function differing(
  { keyAlgorithm }: UploadedCertificate,
  certificateValue: string,
  csrValue: string,
): readonly Finding[] {
  const values = { keyAlgorithm, certificateValue, csrValue }
  if (certificateValue.toLowerCase() === csrValue.toLowerCase()) return [finding(CASE, values)]
  // U-labels in one and A-labels in the other are one and the same name.
  return comparableName(certificateValue) === comparableName(csrValue) ? [] : [finding(MISMATCH, values)]
}
