import type { Change } from '../../domain/change/change.ts'
import type { NewNotice } from '../../domain/notices/notices-of-move.ts'
import type { NoticeRecord } from '../../ports/notices.ts'

/** As the outbox keeps them. */
export const noticeRecords = (
  { id, accountId, enrollmentId }: Pick<Change, 'id' | 'accountId' | 'enrollmentId'>,
  notices: readonly NewNotice[],
): readonly NoticeRecord[] => notices.map((notice) => ({ ...notice, accountId, enrollmentId, changeId: id }))
