import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import type { Enrollment, EnrollmentSettings, NetworkConfiguration } from '../domain/enrollment/enrollment.ts'
import { groupedBy } from '../domain/grouped-by.ts'
import { accountId, contractId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { Enrollments } from '../ports/enrollments.ts'
import { baseOf, foreignClaim, lockNames, overlapsAny } from './name-claims.ts'
import { insertRows } from './rows.ts'
import type { Database } from './schema.ts'

type SecureNetwork = NetworkConfiguration['secureNetwork']

export function createEnrollments(db: Kysely<Database>): Enrollments {
  return {
    async insert(enrollment, names) {
      const insert = db
        .insertInto('enrollments')
        .values({
          id: enrollment.id,
          account_id: enrollment.accountId,
          contract_id: enrollment.contractId,
          settings: JSON.stringify(enrollment.settings),
          settled_settings: null,
          removal_wish: null,
          common_name: names[0] ?? '',
          assigned_slots: [...enrollment.assignedSlots],
          auto_renewal_at: enrollment.autoRenewalStartTime,
          renew_at: enrollment.autoRenewalStartTime,
          created_at: enrollment.createdAt,
          removed_at: null,
          revision: enrollment.revision,
        })
        .returning('id')
      const { id, accountId: account } = enrollment
      await sql`with fresh as (${insert}), named as (${insertNames(account, id, names, 'fresh')}) select from fresh`.execute(
        db,
      )
    },
    async find(account, id) {
      const row = await living(db).where('account_id', '=', account).where('id', '=', id).executeTakeFirst()
      return row ? toEnrollment(row) : null
    },
    async list(account, contract) {
      const all = living(db).where('account_id', '=', account).orderBy('id')
      const rows = await (contract === null ? all : all.where('contract_id', '=', contract)).execute()
      return rows.map(toEnrollment)
    },
    async save(enrollment) {
      const { numUpdatedRows } = await db
        .updateTable('enrollments')
        .set({
          settings: JSON.stringify(enrollment.settings),
          auto_renewal_at: enrollment.autoRenewalStartTime,
          revision: enrollment.revision + 1,
        })
        .where('id', '=', enrollment.id)
        .where('revision', '=', enrollment.revision)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    async hasCommonName(account, contract, commonName) {
      const row = await living(db)
        .where('account_id', '=', account)
        .where('contract_id', '=', contract)
        .where('common_name', '=', commonName)
        .executeTakeFirst()
      return row !== undefined
    },
    async overlappingNames(account, id, names) {
      const others = await db
        .selectFrom('enrollment_names as held')
        .innerJoin('enrollments', 'enrollments.id', 'held.enrollment_id')
        .select([
          'held.name',
          sql<SecureNetwork>`settings -> 'networkConfiguration' ->> 'secureNetwork'`.as('network'),
        ])
        .where('held.base_name', 'in', names.map(baseOf))
        .where('held.account_id', '=', account)
        .where('held.enrollment_id', '!=', id)
        .execute()
      const taken = [...groupedBy(others, ({ network }) => network)].map(
        ([network, rows]) => [network, new Set(rows.map((row) => row.name))] as const,
      )
      return names.flatMap((name) =>
        taken
          .filter(([, held]) => overlapsAny(name, held))
          .map(([secureNetwork]) => ({ name, secureNetwork })),
      )
    },
    async claimNames(account, names) {
      // Apart from the lock: the look has to see what was committed while the lock was waited for.
      await lockNames(db, names)
      return foreignClaim(db, account, names)
    },
    async recordNames(account, id, names) {
      await insertNames(account, id, names).execute(db)
    },
  }
}

const insertNames = (
  account: string,
  id: number,
  names: readonly string[],
  from?: string,
): RawBuilder<unknown> =>
  insertRows(
    'enrollment_names',
    names.map((name) => ({ enrollment_id: id, account_id: account, name, base_name: baseOf(name) })),
    { ...(from && { from }), conflict: sql`on conflict do nothing` },
  )

const living = (db: Kysely<Database>) =>
  db.selectFrom('enrollments').selectAll().where('removed_at', 'is', null)

function toEnrollment(row: Selectable<Database['enrollments']>): Enrollment {
  return {
    id: enrollmentId(row.id),
    accountId: accountId(row.account_id),
    contractId: contractId(row.contract_id),
    settings: row.settings as EnrollmentSettings,
    assignedSlots: row.assigned_slots,
    createdAt: row.created_at as Instant,
    autoRenewalStartTime: row.auto_renewal_at as Instant | null,
    revision: row.revision,
  }
}
