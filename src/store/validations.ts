import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import { accountId, changeId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { NameValidationRecord, StoredChallenge, Validations } from '../ports/validations.ts'
import { insertRows, type Row } from './rows.ts'
import type { Database } from './schema.ts'
import { tellWorkersOf } from './wake-ups.ts'

export function createValidations(db: Kysely<Database>): Validations {
  return {
    async save(records) {
      if (records.length > 0) await saveValidations(records).execute(db)
    },
    async currentOf(change) {
      const rows = await db
        .selectFrom('name_validations')
        .distinctOn('domain')
        .selectAll()
        .where('change_id', '=', change)
        .orderBy('domain')
        .orderBy('generation', 'desc')
        .execute()
      return rows.map(toValidation)
    },
    async lookAgain(account, baseNames, at) {
      // The moment alone, apart from the revision: whoever is at the change already decides anew when it is to be looked at.
      const { rows } = await sql<{ id: number; revision: number }>`
        with due as (
          update changes set next_at = least(next_at, ${at}::bigint)
          where account_id = ${account} and status = 'coordinate-domain-validation' and state = 'awaiting-input'
          and id in (select change_id from name_validations where account_id = ${account} and base_name = any(${[...baseNames]}::text[]))
          returning id, revision)
        select id, revision, ${tellWorkersOf('due.id')} from due`.execute(db)
      return rows.map(({ id, revision }) => ({ changeId: changeId(id), revision }))
    },
    async setPublished(change, published) {
      await db
        .updateTable('name_validations')
        .set({ published })
        .where('change_id', '=', change)
        .where(sql<boolean>`published <> ${published}`)
        .execute()
    },
  }
}

/** Where a name's tokens are answered: `*.example.com` is validated at `example.com`. */
export const withoutWildcard = (domain: string): string =>
  domain.startsWith('*.') ? domain.slice(2) : domain

export const saveValidations = (
  records: readonly NameValidationRecord[],
  from?: string,
): RawBuilder<unknown> =>
  insertRows('name_validations', records.map(toRow), { ...(from && { from }), conflict: SAVED_AGAIN })

const SAVED_AGAIN = sql`
  on conflict (change_id, domain, generation) do update set status = excluded.status, error = excluded.error,
    challenges = excluded.challenges, published = excluded.published, validated_at = excluded.validated_at, expires_at = excluded.expires_at`

const toRow = (record: NameValidationRecord): Row<'name_validations'> => ({
  change_id: record.changeId,
  enrollment_id: record.enrollmentId,
  account_id: record.accountId,
  domain: record.domain,
  base_name: withoutWildcard(record.domain),
  generation: record.generation,
  status: record.status,
  error: record.error,
  challenges: record.challenges,
  published: record.published,
  requested_at: record.requestedAt,
  validated_at: record.validatedAt,
  expires_at: record.expiresAt,
})

export const toValidation = (row: Selectable<Database['name_validations']>): NameValidationRecord => ({
  changeId: changeId(row.change_id),
  enrollmentId: enrollmentId(row.enrollment_id),
  accountId: accountId(row.account_id),
  domain: row.domain,
  generation: row.generation,
  status: row.status as NameValidationRecord['status'],
  error: row.error,
  challenges: row.challenges as StoredChallenge[],
  published: row.published,
  requestedAt: row.requested_at as Instant,
  validatedAt: row.validated_at as Instant | null,
  expiresAt: row.expires_at as Instant | null,
})
