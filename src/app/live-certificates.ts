import type { EnrollmentId } from '../domain/identifiers.ts'
import type { Repositories } from '../ports/store.ts'
import type { CertificateRecord } from '../ports/certificates.ts'

/** What production serves for the enrollment now; both certificates of a dual stack. */
export async function liveCertificates(
  read: Repositories,
  id: EnrollmentId,
): Promise<readonly CertificateRecord[]> {
  const live = (await read.deployments.active(id)).find(({ network }) => network === 'production')
  return live === undefined ? [] : read.certificates.byIds(live.certificateIds)
}
