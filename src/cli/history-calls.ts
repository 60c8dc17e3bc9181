import { CertificateHistory, ChangeHistory, DvHistory } from './input-answers.ts'
import { type Exchanges, media } from './exchanges.ts'

/** CPS API: history; all newest first. */
export function createHistoryCalls({ get }: Exchanges) {
  const enrollment = (id: number): string => `/cps/v2/enrollments/${id}`
  return {
    changeHistory: (id: number): Promise<ChangeHistory> =>
      get(`${enrollment(id)}/history/changes`, media('change-history.v5'), ChangeHistory),

    certificateHistory: (id: number): Promise<CertificateHistory> =>
      get(
        `${enrollment(id)}/history/certificates?includeAll=true`,
        media('certificate-history.v2'),
        CertificateHistory,
      ),

    dvHistory: (id: number): Promise<DvHistory> =>
      get(`${enrollment(id)}/dv-history`, media('dv-history.v1'), DvHistory),
  }
}
