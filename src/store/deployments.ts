import { type Kysely, type Selectable, sql } from 'kysely'
import type { NetworkConfiguration } from '../domain/enrollment/enrollment.ts'
import {
  accountId,
  certificateId,
  changeId,
  type DeploymentId,
  deploymentId,
  enrollmentId,
} from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { DeploymentRecord, Deployments, Handshakes } from '../ports/store.ts'
import { EDGE_CHANNEL } from './channels.ts'
import type { Database } from './schema.ts'

/** `begin`, `activate` and `revert` change several tables: call them in a transaction. Edges are told when it commits. */
export function createDeployments(db: Kysely<Database>, origin: string): Deployments {
  const byId = (id: string) => db.selectFrom('deployments').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return {
    async find(change, network) {
      const row = await db
        .selectFrom('deployments')
        .selectAll()
        .where('change_id', '=', change)
        .where('network', '=', network)
        .executeTakeFirst()
      return row ? toDeployment(row) : null
    },
    async active(enrollment) {
      const rows = await db
        .selectFrom('deployments')
        .selectAll()
        .where('enrollment_id', '=', enrollment)
        .where('state', '=', 'active')
        .execute()
      return rows.map(toDeployment)
    },
    async activeOfAccount(account) {
      const rows = await db
        .selectFrom('deployments')
        .select(['enrollment_id', 'network'])
        .where('account_id', '=', account)
        .where('state', '=', 'active')
        .execute()
      return rows.map((row) => ({ enrollmentId: enrollmentId(row.enrollment_id), network: row.network }))
    },
    async begin(record) {
      await insertOrReopen(db, record, await answeredNow(db, record))
      await db
        .insertInto('network_names')
        .values(record.servedNames.map((name) => ({ network: record.network, name, deployment_id: record.id })))
        .onConflict((conflict) =>
          conflict.columns(['network', 'name']).doUpdateSet({ deployment_id: sql`excluded.deployment_id` }),
        )
        .execute()
      await tellEdges(db, record, origin)
      return toDeployment(await byId(record.id))
    },
    async activate(id, at) {
      const row = await byId(id)
      await db
        .updateTable('deployments')
        .set({ state: 'replaced' })
        .where('enrollment_id', '=', row.enrollment_id)
        .where('network', '=', row.network)
        .where('state', '=', 'active')
        .where('id', '!=', id)
        .execute()
      if (await dropNamesOfReplaced(db, row)) await tellEdges(db, row, NOBODY)
      await db.updateTable('deployments').set({ state: 'active', activated_at: at }).where('id', '=', id).execute()
    },
    async revert(id) {
      const deployment = toDeployment(await byId(id))
      for (const name of deployment.servedNames) await pointBack(db, deployment, name)
      await db.updateTable('deployments').set({ state: 'failed' }).where('id', '=', id).execute()
      await tellEdges(db, deployment, origin)
    },
  }
}

export function createHandshakes(db: Kysely<Database>): Handshakes {
  return {
    async insert(records) {
      if (records.length === 0) return
      await db
        .insertInto('handshakes')
        .values(
          records.map((record) => ({
            change_id: record.changeId,
            network: record.network,
            address: record.address,
            server_name: record.serverName,
            serial_number: record.serialNumber,
            fingerprint: record.fingerprint,
            protocol: record.protocol,
            real_at: record.realAt,
          })),
        )
        .execute()
    },
    async ofChange(change) {
      const rows = await db.selectFrom('handshakes').selectAll().where('change_id', '=', change).orderBy('id').execute()
      return rows.map((row) => ({
        changeId: changeId(row.change_id),
        network: row.network,
        address: row.address,
        serverName: row.server_name,
        serialNumber: row.serial_number,
        fingerprint: row.fingerprint,
        protocol: row.protocol,
        realAt: row.real_at as Instant,
      }))
    },
  }
}

/** An origin that no process has: everybody listens. */
const NOBODY = '-'

/** `NETWORK DEPLOYMENT ORIGIN`: the process of that origin tells its own edges directly, and waits for them. */
const tellEdges = (db: Kysely<Database>, { network, id }: { network: string; id: string }, origin: string) =>
  sql`select pg_notify(${EDGE_CHANNEL}, ${`${network} ${id} ${origin}`})`.execute(db)

/** What the names are answered with before this deployment; its own earlier attempt does not count. */
async function answeredNow(db: Kysely<Database>, record: DeploymentRecord): Promise<DeploymentRecord['replaces']> {
  const rows = await db
    .selectFrom('network_names')
    .select(['name', 'deployment_id'])
    .where('network', '=', record.network)
    .where('name', 'in', [...record.servedNames])
    .where('deployment_id', '!=', record.id)
    .execute()
  const answered = new Map(rows.map((row) => [row.name, deploymentId(row.deployment_id)]))
  return Object.fromEntries(record.servedNames.map((name) => [name, answered.get(name) ?? null]))
}

/** A repeat of an interrupted attempt keeps the first note of what was there before; a repeat after a failure makes a new one. */
async function insertOrReopen(db: Kysely<Database>, record: DeploymentRecord, replaces: DeploymentRecord['replaces']) {
  await db
    .insertInto('deployments')
    .values({
      id: record.id,
      account_id: record.accountId,
      enrollment_id: record.enrollmentId,
      change_id: record.changeId,
      network: record.network,
      certificate_ids: [...record.certificateIds],
      settings: JSON.stringify(record.settings),
      served_names: [...record.servedNames],
      state: 'pending',
      replaces: JSON.stringify(replaces),
      created_at: record.createdAt,
      activated_at: null,
    })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ state: 'pending', replaces: JSON.stringify(replaces) })
        .where('deployments.state', '=', 'failed'),
    )
    .execute()
}

/** Names that the former deployment of this enrollment answered and the new one does not ask for any more. */
async function dropNamesOfReplaced(db: Kysely<Database>, row: Selectable<Database['deployments']>): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('network_names')
    .where('network', '=', row.network)
    .where('deployment_id', 'in', (query) =>
      query
        .selectFrom('deployments')
        .select('id')
        .where('enrollment_id', '=', row.enrollment_id)
        .where('network', '=', row.network)
        .where('id', '!=', row.id),
    )
    .executeTakeFirst()
  return numDeletedRows > 0n
}

async function pointBack(db: Kysely<Database>, deployment: DeploymentRecord, name: string): Promise<void> {
  const before: DeploymentId | null = deployment.replaces[name] ?? null
  const mine = { network: deployment.network, name }
  if (before === null) {
    await db
      .deleteFrom('network_names')
      .where('network', '=', mine.network)
      .where('name', '=', name)
      .where('deployment_id', '=', deployment.id)
      .execute()
    return
  }
  await db
    .updateTable('network_names')
    .set({ deployment_id: before })
    .where('network', '=', mine.network)
    .where('name', '=', name)
    .where('deployment_id', '=', deployment.id)
    .execute()
}

export const toDeployment = (row: Selectable<Database['deployments']>): DeploymentRecord => ({
  id: deploymentId(row.id),
  accountId: accountId(row.account_id),
  enrollmentId: enrollmentId(row.enrollment_id),
  changeId: changeId(row.change_id),
  network: row.network,
  certificateIds: row.certificate_ids.map(certificateId),
  settings: row.settings as NetworkConfiguration,
  servedNames: row.served_names,
  state: row.state as DeploymentRecord['state'],
  replaces: row.replaces as DeploymentRecord['replaces'],
  createdAt: row.created_at as Instant,
  activatedAt: row.activated_at as Instant | null,
})
