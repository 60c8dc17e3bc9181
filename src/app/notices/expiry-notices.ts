import { firstToExpire } from '../../domain/certificate/first-to-expire.ts'
import type { Change } from '../../domain/change/change.ts'
import { expiryNotices } from '../../domain/notices/notices-of-move.ts'
import type { Instant } from '../../domain/time.ts'
import type { Repositories } from '../../ports/store.ts'
import type { CertificateRecord } from '../../ports/certificates.ts'
import { noticeRecords } from './records.ts'

/** What production serves from now on is what may expire, and nothing waits for an acknowledgement any more. */
export async function renewExpiryNotices(
  tx: Repositories,
  change: Change,
  served: readonly CertificateRecord[],
  at: Instant,
): Promise<void> {
  await tx.notices.drop(
    change.enrollmentId,
    [
      'expiry-near',
      'deadline-near',
      'challenges-to-place',
      'validation-lost',
      'validation-refused',
      'input-needed',
    ],
    at,
  )
  const first = firstToExpire(served)
  if (first === undefined) return
  const notices = expiryNotices(change.settings.csr.cn, change.enrollmentId, first)
  await tx.notices.add(noticeRecords(change, notices))
}
