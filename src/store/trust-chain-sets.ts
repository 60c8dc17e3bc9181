import { type Kysely, type Selectable, sql } from 'kysely'
import { accountId, enrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'
import type { TrustChainSetRecord, TrustChainSetRevision, TrustChainSets } from '../ports/trust-chain-sets.ts'
import { TRUST_CHANNEL } from './channels.ts'
import type { Database } from './schema.ts'

export function createTrustChainSets(db: Kysely<Database>): TrustChainSets {
  const one = (account: string, id: string) =>
    db.selectFrom('trust_chain_sets').selectAll().where('account_id', '=', account).where('id', '=', id)
  const addRevision = async (revision: TrustChainSetRevision): Promise<void> => {
    await db.insertInto('trust_chain_set_revisions').values(revisionRow(revision)).execute()
  }
  /** Payload: account and set. Every edge process reads the set anew. */
  const tellEdges = async (account: string, id: string): Promise<void> => {
    await sql`select pg_notify(${TRUST_CHANNEL}, ${`${account} ${id}`})`.execute(db)
  }
  return {
    async insert(set, first) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('trust_chain_sets')
        .values({
          account_id: set.accountId,
          id: set.id,
          name: set.name,
          staging_revision: set.active.staging,
          production_revision: set.active.production,
          real_created_at: set.realCreatedAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) return false
      await addRevision(first)
      await tellEdges(set.accountId, set.id)
      return true
    },
    async find(account, id) {
      const row = await one(account, id).executeTakeFirst()
      return row ? toSet(row) : null
    },
    async take(account, id) {
      const row = await one(account, id).forUpdate().executeTakeFirst()
      return row ? toSet(row) : null
    },
    async list(account) {
      const rows = await db
        .selectFrom('trust_chain_sets')
        .selectAll()
        .where('account_id', '=', account)
        .orderBy('real_created_at')
        .orderBy('id')
        .execute()
      return rows.map(toSet)
    },
    async revisions(account, id) {
      const rows = await db
        .selectFrom('trust_chain_set_revisions')
        .selectAll()
        .where('account_id', '=', account)
        .where('set_id', '=', id)
        .orderBy('revision')
        .execute()
      return rows.map(toRevision)
    },
    addRevision,
    async activate(account, id, network: Network, revision) {
      await db
        .updateTable('trust_chain_sets')
        .set(network === 'staging' ? { staging_revision: revision } : { production_revision: revision })
        .where('account_id', '=', account)
        .where('id', '=', id)
        .execute()
      await tellEdges(account, id)
    },
    async remove(account, id) {
      await db.deleteFrom('trust_chain_sets').where('account_id', '=', account).where('id', '=', id).execute()
      await tellEdges(account, id)
    },
    async referencesTo(account, id) {
      const { rows } = await sql<{ id: number }>`
        select id from enrollments where account_id = ${account} and removed_at is null and (
          ${setIdIn('settings', true)} = ${id} or ${setIdIn('settled_settings', true)} = ${id})
        union
        select enrollment_id from changes where account_id = ${account}
        and state not in ('completed', 'cancelled') and ${setIdIn('settings', true)} = ${id}
        union
        select enrollment_id from deployments where account_id = ${account}
        and state in ('pending', 'active') and ${setIdIn('settings', false)} = ${id}
        order by 1`.execute(db)
      return rows.map((row) => enrollmentId(row.id))
    },
  }
}

/** Settings of an enrollment hold those of its network; a deployment has these alone. */
const setIdIn = (column: string, ofEnrollment: boolean) =>
  sql`${sql.ref(column)} #>> ${[
    ...(ofEnrollment ? ['networkConfiguration'] : []),
    'clientMutualAuthentication',
    'setId',
  ]}::text[]`

const toSet = (row: Selectable<Database['trust_chain_sets']>): TrustChainSetRecord => ({
  accountId: accountId(row.account_id),
  id: row.id,
  name: row.name,
  active: { staging: row.staging_revision, production: row.production_revision },
  realCreatedAt: row.real_created_at as Instant,
})

const toRevision = (row: Selectable<Database['trust_chain_set_revisions']>): TrustChainSetRevision => ({
  accountId: accountId(row.account_id),
  setId: row.set_id,
  revision: row.revision,
  certificates: row.certificates,
  createdBy: row.created_by,
  realCreatedAt: row.real_created_at as Instant,
})

const revisionRow = (revision: TrustChainSetRevision) => ({
  account_id: revision.accountId,
  set_id: revision.setId,
  revision: revision.revision,
  certificates: [...revision.certificates],
  created_by: revision.createdBy,
  real_created_at: revision.realCreatedAt,
})
