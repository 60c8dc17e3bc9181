import type { Finding } from '../../change/change.ts'
import { finding } from '../finding-text.ts'
import type { UploadFacts } from './upload-facts.ts'

export const MISSING_CERTIFICATE = 'CERTIFICATE_NULL_OR_EMPTY'

/** One of a dual stack is enough to go on with; the other is missed aloud (spec: behaviour C9). */
export function missingCertificates({ expectedAlgorithms, uploads }: UploadFacts): readonly Finding[] {
  return expectedAlgorithms
    .filter((algorithm) => !uploads.some(({ keyAlgorithm }) => keyAlgorithm === algorithm))
    .map((certificateDescription) => finding(MISSING_CERTIFICATE, { certificateDescription }))
}
