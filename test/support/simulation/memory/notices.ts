import type { EnrollmentId } from '../../../../src/domain/identifiers.ts'
import { instant } from '../../../../src/domain/time.ts'
import type { NoticeRecord, Notices } from '../../../../src/ports/notices.ts'
import { type KeptNotice, sorted, type Tables } from './tables.ts'

export function addNotices({ notices }: Tables, records: readonly NoticeRecord[]): void {
  for (const record of records) {
    const dueAt = instant(Math.trunc(record.dueAt))
    // As in the database: what is about no change is like nothing else.
    const isKnown =
      record.changeId !== null &&
      [...notices.at('enrollment', record.enrollmentId)].some(
        (known) =>
          known.changeId === record.changeId && known.occasion === record.occasion && known.dueAt === dueAt,
      )
    const id = notices.size + 1
    if (!isKnown) notices.set(id, { ...record, dueAt, id, done: false })
  }
}

export function dropNotices(
  { notices }: Tables,
  enrollment: EnrollmentId,
  which: (notice: KeptNotice) => boolean,
): void {
  for (const one of [...notices.at('enrollment', enrollment)])
    if (!one.done && which(one)) notices.set(one.id, { ...one, done: true })
}

export const waitingNotices = ({ notices }: Tables): readonly KeptNotice[] =>
  sorted(
    notices.at('waits', true),
    ({ dueAt }) => dueAt,
    ({ id }) => id,
  )

export const createMemoryNotices = (
  tables: Tables,
): Pick<Notices, 'add' | 'drop' | 'dropTexts' | 'take' | 'formed' | 'form' | 'webhooks'> => ({
  async add(records) {
    addNotices(tables, records)
  },
  async drop(id, occasions) {
    dropNotices(tables, id, ({ occasion }) => occasions.includes(occasion))
  },
  async dropTexts(id, texts) {
    dropNotices(tables, id, ({ text }) => texts.includes(text))
  },
  take: async (at, limit) =>
    waitingNotices(tables)
      .filter(({ dueAt }) => dueAt <= at)
      .slice(0, limit)
      .map(({ id, accountId, enrollmentId, changeId, occasion, text, dueAt }) => ({
        id,
        accountId,
        enrollmentId,
        changeId,
        occasion,
        text,
        at: dueAt,
      })),
  async formed(ids) {
    for (const id of ids) {
      const one = tables.notices.get(id)
      if (one !== undefined) tables.notices.set(id, { ...one, done: true })
    }
  },
  form: async () => {},
  webhooks: async () => [],
})
