import { type Kysely, sql } from 'kysely'
import type { Organization } from '../domain/enrollment/enrollment.ts'
import type { Instant } from '../domain/time.ts'
import type { KnownOrganization, VettingRecord, Vettings } from '../ports/vetting.ts'
import { nextId } from './next-id.ts'
import type { Database } from './schema.ts'

export function createVettings(db: Kysely<Database>, seed: number | null): Vettings {
  const find = async (change: number): Promise<VettingRecord | null> => {
    const row = await db.selectFrom('vettings').selectAll().where('change_id', '=', change).executeTakeFirst()
    return row ? { dueAt: row.due_at as Instant | null, decision: row.decision, reason: row.reason } : null
  }
  return {
    find,
    async begin(change, account, dueAt) {
      await db
        .insertInto('vettings')
        .values({
          change_id: change,
          account_id: account,
          due_at: dueAt,
          decision: null,
          reason: null,
          decided_by: null,
          decided_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      return (await find(change)) ?? { dueAt, decision: null, reason: null }
    },
    async decide(change, { approved, reason, by, at }) {
      const { numUpdatedRows } = await db
        .updateTable('vettings')
        .set({ decision: approved ? 'approved' : 'rejected', reason, decided_by: by, decided_at: at })
        .where('change_id', '=', change)
        .where('decision', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    async organizations(account) {
      return (await organizations(db, account).orderBy('id').execute()).map(known)
    },
    async organization(account, id) {
      const row = await organizations(db, account).where('id', '=', id).executeTakeFirst()
      return row ? known(row) : null
    },
    async organizationLike(account, identity) {
      const row = await organizations(db, account).where('identity', '=', identity).executeTakeFirst()
      return row ? known(row) : null
    },
    async rememberOrganization(account, identity, organization, vettedUntil) {
      await sql`
        with next as (update id_counters set value = ${nextId(seed)} where name = 'organization' returning value)
        insert into organizations (id, account_id, identity, organization, vetted_until)
        select value, ${account}, ${identity}, ${JSON.stringify(organization)}::jsonb, ${vettedUntil}::bigint from next
        on conflict (account_id, identity) do update
        set organization = excluded.organization, vetted_until = greatest(organizations.vetted_until, excluded.vetted_until)`.execute(
        db,
      )
    },
  }
}

const organizations = (db: Kysely<Database>, account: string) =>
  db.selectFrom('organizations').selectAll().where('account_id', '=', account)

const known = (row: { id: number; organization: object; vetted_until: number }): KnownOrganization => ({
  id: row.id,
  organization: row.organization as Organization,
  vettedUntil: row.vetted_until as Instant,
})
