import { type Kysely, type Selectable, sql } from 'kysely'
import { accountId, changeId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { NameValidationRecord, StoredChallenge, Validations } from '../ports/store.ts'
import type { Database } from './schema.ts'

export function createValidations(db: Kysely<Database>): Validations {
  return {
    async insert(record) {
      await db
        .insertInto('name_validations')
        .values({
          change_id: record.changeId,
          enrollment_id: record.enrollmentId,
          account_id: record.accountId,
          domain: record.domain,
          base_name: withoutWildcard(record.domain),
          generation: record.generation,
          requested_at: record.requestedAt,
          ...mutable(record),
        })
        .onConflict((conflict) => conflict.columns(['change_id', 'domain', 'generation']).doNothing())
        .execute()
    },
    async save(record) {
      await db
        .updateTable('name_validations')
        .set(mutable(record))
        .where('change_id', '=', record.changeId)
        .where('domain', '=', record.domain)
        .where('generation', '=', record.generation)
        .execute()
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
export const withoutWildcard = (domain: string): string => (domain.startsWith('*.') ? domain.slice(2) : domain)

const mutable = (record: NameValidationRecord) => ({
  status: record.status,
  error: record.error,
  challenges: JSON.stringify(record.challenges),
  published: record.published,
  validated_at: record.validatedAt,
  expires_at: record.expiresAt,
})

const toValidation = (row: Selectable<Database['name_validations']>): NameValidationRecord => ({
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
