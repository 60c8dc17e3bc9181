import { type Kysely, sql } from 'kysely'
import { instant } from '../domain/time.ts'
import type { Usage } from '../ports/usage.ts'
import type { Database } from './schema.ts'

/** Class of the advisory locks on accounts; the second key is a hash of the account's id. */
const ACCOUNT_LOCK_CLASS = 0x71756f74

export function createUsage(db: Kysely<Database>): Usage {
  const ownedBy = async (table: 'dns_zones' | 'trust_chain_sets', account: string): Promise<number> =>
    countOf(
      await db
        .selectFrom(table)
        .select((row) => row.fn.countAll<number>().as('count'))
        .where('account_id', '=', account)
        .executeTakeFirst(),
    )
  return {
    async hold(account) {
      await sql`select pg_advisory_xact_lock(${ACCOUNT_LOCK_CLASS}, hashtext(${account}))`.execute(db)
    },
    enrollments: async (account) =>
      countOf(
        await db
          .selectFrom('enrollments')
          .select((row) => row.fn.countAll<number>().as('count'))
          .where('account_id', '=', account)
          .where('removed_at', 'is', null)
          .executeTakeFirst(),
      ),
    openChanges: async (account) =>
      countOf(
        await db
          .selectFrom('changes')
          .select((row) => row.fn.countAll<number>().as('count'))
          .where('account_id', '=', account)
          .where('state', 'not in', ['cancelled', 'completed'])
          .executeTakeFirst(),
      ),
    uploads: async (change) =>
      countOf(
        await db
          .selectFrom('change_events')
          .select((row) => row.fn.countAll<number>().as('count'))
          .where('change_id', '=', change)
          .where('event', '=', 'uploaded')
          .executeTakeFirst(),
      ),
    zones: (account) => ownedBy('dns_zones', account),
    trustChainSets: (account) => ownedBy('trust_chain_sets', account),
    async noteEnrollment(contract, at, since) {
      const { numUpdatedRows } = await db
        .updateTable('contracts')
        .set({ real_last_enrollment_at: at })
        .where('id', '=', contract)
        .where((row) =>
          row.or([row('real_last_enrollment_at', 'is', null), row('real_last_enrollment_at', '<=', since)]),
        )
        .executeTakeFirst()
      if (numUpdatedRows > 0n) return null
      const row = await db
        .selectFrom('contracts')
        .select('real_last_enrollment_at')
        .where('id', '=', contract)
        .executeTakeFirst()
      return instant(row?.real_last_enrollment_at ?? at)
    },
  }
}

const countOf = (row: { readonly count: number } | undefined): number => Number(row?.count ?? 0)
