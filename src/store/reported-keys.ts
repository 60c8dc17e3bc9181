import { type Kysely, type Selectable, sql } from 'kysely'
import { accountId, enrollmentId } from '../domain/identifiers.ts'
import { instant } from '../domain/time.ts'
import type { ReportedKey, ReportedKeys } from '../ports/reported-keys.ts'
import type { Database } from './schema.ts'

export function createReportedKeys(db: Kysely<Database>): ReportedKeys {
  const find = (account: string, fingerprint: string) =>
    db
      .selectFrom('reported_keys')
      .selectAll()
      .where('account_id', '=', account)
      .where('fingerprint', '=', fingerprint)
      .executeTakeFirstOrThrow()
  return {
    async among(account, fingerprints) {
      if (fingerprints.length === 0) return new Set()
      const rows = await db
        .selectFrom('reported_keys')
        .select('fingerprint')
        .where('fingerprint', 'in', [...fingerprints])
        .where(({ or, eb }) => or([eb('account_id', '=', account), eb('everywhere', '=', true)]))
        .execute()
      return new Set(rows.map(({ fingerprint }) => fingerprint))
    },
    async ofAccount(account, limit) {
      const rows = await db
        .selectFrom('reported_keys')
        .selectAll()
        .where('account_id', '=', account)
        .orderBy('reported_at', 'desc')
        .orderBy('fingerprint')
        .limit(limit)
        .execute()
      return rows.map(toReport)
    },
    async add(report) {
      await db
        .insertInto('reported_keys')
        .values(rowOf(report))
        .onConflict((conflict) => conflict.columns(['account_id', 'fingerprint']).doNothing())
        .execute()
      return toReport(await find(report.accountId, report.fingerprint))
    },
    async remove(account, fingerprint) {
      const { numDeletedRows } = await db
        .deleteFrom('reported_keys')
        .where('account_id', '=', account)
        .where('fingerprint', '=', fingerprint)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    async usersOf(account, fingerprint) {
      const { rows } = await sql<{ id: number }>`
        select distinct k.enrollment_id as id from key_pairs k
        where k.account_id = ${account} and k.public_key_fingerprint = ${fingerprint}
          and (exists (select from changes c where c.id = k.change_id and c.state not in ('cancelled', 'completed'))
            or exists (
              select from certificates c join deployments d on c.id = any (d.certificate_ids)
              where c.key_pair_id = k.id and d.state = 'active'))
        order by id`.execute(db)
      return rows.map(({ id }) => enrollmentId(id))
    },
  }
}

type Row = Selectable<Database['reported_keys']>

const rowOf = (report: ReportedKey): Row => ({
  account_id: report.accountId,
  fingerprint: report.fingerprint,
  everywhere: report.everywhere,
  note: report.note,
  reported_by: report.reportedBy,
  reported_at: report.reportedAt,
})

const toReport = (row: Row): ReportedKey => ({
  accountId: accountId(row.account_id),
  fingerprint: row.fingerprint,
  everywhere: row.everywhere,
  note: row.note,
  reportedBy: row.reported_by,
  reportedAt: instant(row.reported_at),
})
