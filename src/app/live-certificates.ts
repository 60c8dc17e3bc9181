import type { LiveSpan } from '../domain/change/change.ts'
import { liveSpan } from '../domain/change/last-resort.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import type { Repositories } from '../ports/store.ts'
import type { CertificateRecord } from '../ports/certificates.ts'
import type { Dependencies } from './dependencies.ts'

/** What production serves for the enrollment now; both certificates of a dual stack. */
export async function liveCertificates(
  read: Repositories,
  id: EnrollmentId,
): Promise<readonly CertificateRecord[]> {
  const live = (await read.deployments.active(id)).find(({ network }) => network === 'production')
  return live === undefined ? [] : read.certificates.byIds(live.certificateIds)
}

/** For a change that begins now. */
export const liveSpanOf = async (
  { clocks }: Pick<Dependencies, 'clocks'>,
  read: Repositories,
  id: EnrollmentId,
): Promise<LiveSpan | null> => liveSpan(await liveCertificates(read, id), clocks.lifecycle.now())
