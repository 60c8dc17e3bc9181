import { type Kysely, sql } from 'kysely'
import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import { certificateId, deploymentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { EnrollmentLifecycle, RemovalWish } from '../ports/enrollment-lifecycle.ts'
import { EDGE_CHANNEL } from './channels.ts'
import type { Database } from './schema.ts'

/** What concerns an enrollment beyond one change: what is settled, and how it ends. */
export function createEnrollmentLifecycle(db: Kysely<Database>): EnrollmentLifecycle {
  return {
    async settled(id) {
      const row = await db
        .selectFrom('enrollments')
        .select('settled_settings')
        .where('id', '=', id)
        .executeTakeFirst()
      return (row?.settled_settings as EnrollmentSettings | null | undefined) ?? null
    },
    async settle(id, settings) {
      await db
        .updateTable('enrollments')
        .set({ settled_settings: JSON.stringify(settings) })
        .where('id', '=', id)
        .execute()
    },
    async removalWish(id) {
      const row = await db
        .selectFrom('enrollments')
        .select('removal_wish')
        .where('id', '=', id)
        .executeTakeFirst()
      return (row?.removal_wish as RemovalWish | null | undefined) ?? null
    },
    async wishRemoval(id, wish) {
      await db
        .updateTable('enrollments')
        .set({ removal_wish: wish === null ? null : JSON.stringify(wish) })
        .where('id', '=', id)
        .execute()
    },
    async remove(id, at) {
      await db.deleteFrom('pauses').where('enrollment_id', '=', id).execute()
      await db.deleteFrom('pins').where('enrollment_id', '=', id).execute()
      await db.deleteFrom('enrollment_names').where('enrollment_id', '=', id).execute()
      await db
        .updateTable('notices')
        .set({ dropped_at: at })
        .where('enrollment_id', '=', id)
        .where('formed_at', 'is', null)
        .where('due_at', '>', at)
        .execute()
      await db
        .updateTable('enrollments')
        .set({ removed_at: at, removal_wish: null })
        .where('id', '=', id)
        .execute()
    },
    async releaseSlots(id) {
      await db.updateTable('enrollments').set({ assigned_slots: [] }).where('id', '=', id).execute()
    },
    async destroyKeys(id, at) {
      await db
        .updateTable('key_pairs')
        .set({ sealed_private_key: null, destroyed_at: at })
        .where('enrollment_id', '=', id)
        .where('destroyed_at', 'is', null)
        .execute()
    },
    async withdraw(id) {
      const rows = await db
        .updateTable('deployments')
        .set({ state: 'withdrawn' })
        .where('enrollment_id', '=', id)
        .where('state', 'in', ['active', 'pending'])
        .returning(['id', 'network'])
        .execute()
      for (const row of rows) await handOver(db, row)
      const gone = await db
        .selectFrom('deployments')
        .select(['id', 'network', 'served_names', 'certificate_ids'])
        .where('enrollment_id', '=', id)
        .where('state', '=', 'withdrawn')
        .orderBy('id')
        .execute()
      return gone.map((row) => ({
        id: deploymentId(row.id),
        network: row.network,
        names: row.served_names,
        certificateIds: row.certificate_ids.map(certificateId),
      }))
    },
  }
}

/** A name that another live enrollment of the account serves too is its from this moment on, without a moment unserved; the others go dark. */
async function handOver(
  db: Kysely<Database>,
  { id, network }: { readonly id: string; readonly network: Network },
): Promise<void> {
  await sql`
    update network_names n set deployment_id = heir.id
    from (
      select distinct on (names.name) names.name, d.id
      from network_names names
      join deployments gone on gone.id = names.deployment_id
      join deployments d on d.network = names.network and d.account_id = gone.account_id and d.state = 'active'
        and d.id <> gone.id and names.name = any (d.served_names)
      where names.deployment_id = ${id}
      order by names.name, d.activated_at desc) heir
    where n.network = ${network} and n.name = heir.name and n.deployment_id = ${id}`.execute(db)
  await db.deleteFrom('network_names').where('deployment_id', '=', id).execute()
  await db.updateTable('served_looks').set({ real_due_at: null }).where('deployment_id', '=', id).execute()
  await sql`select pg_notify(${EDGE_CHANNEL}, ${`${network} ${id} -`})`.execute(db)
}
