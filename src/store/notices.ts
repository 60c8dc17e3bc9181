import { type Kysely, type RawBuilder, sql } from 'kysely'
import { accountId, type AccountId } from '../domain/identifiers.ts'
import type { ToldNotice } from '../domain/notices/digest.ts'
import type { Occasion } from '../domain/notices/occasions.ts'
import type { Instant } from '../domain/time.ts'
import type { Delivery, NoticeRecord, Notices, Webhook } from '../ports/notices.ts'
import type { Database } from './schema.ts'

/** `from`: only when that part of the statement has a row. */
export function insertNotices(
  records: readonly NoticeRecord[],
  from: string | null = null,
): RawBuilder<unknown> {
  const rows = records.map(({ accountId: account, enrollmentId, changeId, occasion, text, dueAt }) => ({
    account_id: account,
    enrollment_id: enrollmentId,
    change_id: changeId,
    occasion,
    text,
    due_at: Math.trunc(dueAt),
  }))
  const given = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n
    (account_id text, enrollment_id bigint, change_id bigint, occasion text, text text, due_at bigint)`
  return sql`
    insert into notices (account_id, enrollment_id, change_id, occasion, text, due_at)
    select n.account_id, n.enrollment_id, n.change_id, n.occasion, n.text, n.due_at
    from ${from === null ? given : sql`${sql.ref(from)}, ${given}`}
    on conflict (enrollment_id, occasion, due_at, change_id) do nothing`
}

export function createNotices(db: Kysely<Database>): Notices {
  return {
    async add(records) {
      if (records.length > 0) await insertNotices(records).execute(db)
    },
    async drop(enrollment, occasions, at) {
      await db
        .updateTable('notices')
        .set({ dropped_at: at })
        .where('enrollment_id', '=', enrollment)
        .where('occasion', 'in', [...occasions])
        .where('formed_at', 'is', null)
        .where('dropped_at', 'is', null)
        .execute()
    },
    async dropTexts(enrollment, texts, at) {
      await db
        .updateTable('notices')
        .set({ dropped_at: at })
        .where('enrollment_id', '=', enrollment)
        .where('text', 'in', [...texts])
        .where('formed_at', 'is', null)
        .where('dropped_at', 'is', null)
        .execute()
    },
    async take(at, limit) {
      const rows = await db
        .selectFrom('notices')
        .selectAll()
        .where('formed_at', 'is', null)
        .where('dropped_at', 'is', null)
        .where('due_at', '<=', at)
        .orderBy('due_at')
        .orderBy('id')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .execute()
      return rows.map((row) => ({ ...told(row), accountId: accountId(row.account_id) }))
    },
    async formed(ids, at) {
      if (ids.length === 0) return
      await db
        .updateTable('notices')
        .set({ formed_at: at })
        .where('id', 'in', [...ids])
        .execute()
    },
    async form(deliveries, realAt) {
      if (deliveries.length === 0) return
      await db
        .insertInto('notice_deliveries')
        .values(
          deliveries.map(({ id, accountId: account, channel, target, content }) => ({
            id,
            account_id: account,
            channel,
            target,
            content: JSON.stringify(content),
            real_created_at: realAt,
            real_next_at: realAt,
          })),
        )
        .execute()
    },
    async toSend(realAt, limit) {
      const rows = await db
        .selectFrom('notice_deliveries')
        .selectAll()
        .where('real_next_at', '<=', realAt)
        .orderBy('real_next_at')
        .orderBy('id')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .execute()
      return rows.map(
        (row): Delivery => ({
          id: row.id,
          accountId: accountId(row.account_id),
          channel: row.channel as Delivery['channel'],
          target: row.target,
          content: row.content,
          attempts: row.attempts,
        }),
      )
    },
    async sent(id, realAt) {
      await db
        .updateTable('notice_deliveries')
        .set({ real_delivered_at: realAt, real_next_at: null, last_error: null })
        .where('id', '=', id)
        .execute()
    },
    async failed(id, error, againAt) {
      await db
        .updateTable('notice_deliveries')
        .set({ attempts: sql<number>`attempts + 1`, real_next_at: againAt, last_error: error })
        .where('id', '=', id)
        .execute()
    },
    async list(account, limit) {
      const rows = await db
        .selectFrom('notices')
        .selectAll()
        .where('account_id', '=', account)
        .where('formed_at', 'is not', null)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(told)
    },
    webhooks: async (account) =>
      (await webhookRows(db).where('account_id', '=', account).execute()).map(webhookOf),
    async webhook(id) {
      const row = await webhookRows(db).where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : webhookOf(row)
    },
    async addWebhook({ id, accountId: account, url, sealedSecret }, realAt) {
      await db
        .insertInto('webhooks')
        .values({ id, account_id: account, url, sealed_secret: sealedSecret, real_created_at: realAt })
        .execute()
    },
    async removeWebhook(account, id) {
      const { numDeletedRows } = await db
        .deleteFrom('webhooks')
        .where('account_id', '=', account)
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },
  }
}

const webhookRows = (db: Kysely<Database>) =>
  db.selectFrom('webhooks').selectAll().orderBy('real_created_at').orderBy('id')

const webhookOf = (row: Database['webhooks']): Webhook => ({
  id: row.id,
  accountId: accountId(row.account_id) as AccountId,
  url: row.url,
  sealedSecret: row.sealed_secret,
})

const told = (row: {
  readonly id: number
  readonly enrollment_id: number | null
  readonly change_id: number | null
  readonly occasion: string
  readonly text: string
  readonly due_at: number
}): ToldNotice => ({
  id: row.id,
  enrollmentId: row.enrollment_id,
  changeId: row.change_id,
  occasion: row.occasion as Occasion,
  text: row.text,
  at: row.due_at as Instant,
})
