import type { Change } from '../../domain/change/change.ts'
import type { NewNotice } from '../../domain/notices/notices-of-move.ts'
import type { DeploymentId } from '../../domain/identifiers.ts'
import type { Repositories } from '../../ports/store.ts'
import { noticeRecords } from '../notices/records.ts'

/** What came to production all the same came because the pinned one neared its end. */
export async function endPin(tx: Repositories, change: Change, live: DeploymentId): Promise<void> {
  const pin = await tx.pins.of(change.enrollmentId)
  if (pin === null || pin.deploymentId === live) return
  await tx.pins.remove(change.enrollmentId)
  const notice: NewNotice = {
    occasion: 'pin-ended',
    text: `${change.settings.csr.cn} (enrollment ${change.enrollmentId}, change ${change.id}): the pin of ${pin.pinnedBy} has given way, since what production served neared its end. Production serves the newer one; certrail generations ${change.enrollmentId} lists both.`,
    dueAt: change.updatedAt,
  }
  await tx.notices.add(noticeRecords(change, [notice]))
}
