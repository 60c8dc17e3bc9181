import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
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
import type { DeploymentRecord, Deployments } from '../ports/deployments.ts'
import { EDGE_CHANNEL } from './channels.ts'
import { type CommonTable, readTables, withTables } from './common-tables.ts'
import { looksOf } from './looks-at-served.ts'
import { foreignClaim, lockNames } from './name-claims.ts'
import type { Database } from './schema.ts'

/** Edges are told of what `begin`, `activate` and `revert` did when it is committed. */
export function createDeployments(db: Kysely<Database>, origin: string): Deployments {
  return {
    async find(change, network) {
      const row = await db
        .selectFrom('deployments')
        .selectAll()
        .where('change_id', '=', change)
        .where('network', '=', network)
        .orderBy('generation', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row ? toDeployment(row) : null
    },
    async ofChange(change, network) {
      const rows = await db
        .selectFrom('deployments')
        .selectAll()
        .where('change_id', '=', change)
        .where('network', '=', network)
        .orderBy('generation', 'desc')
        .execute()
      return rows.map(toDeployment)
    },
    async proven(enrollment, network) {
      const rows = await db
        .selectFrom('deployments')
        .selectAll()
        .where('enrollment_id', '=', enrollment)
        .where('network', '=', network)
        .where('proven_number', 'is not', null)
        .orderBy('proven_number', 'desc')
        .execute()
      return rows.map((row) => ({ number: row.proven_number ?? 0, deployment: toDeployment(row) }))
    },
    async namesOfOthers(id) {
      const mine = await db.selectFrom('deployments').selectAll().where('id', '=', id).executeTakeFirst()
      if (mine === undefined || mine.served_names.length === 0) return []
      await lockNames(db, mine.served_names)
      const foreign = await foreignClaim(db, mine.account_id, mine.served_names)
      const rows = await db
        .selectFrom('network_names as names')
        .innerJoin('deployments as holder', 'holder.id', 'names.deployment_id')
        .select('names.name')
        .where('names.network', '=', mine.network)
        .where('names.name', 'in', mine.served_names)
        .where('holder.enrollment_id', '!=', mine.enrollment_id)
        .orderBy('names.name')
        .execute()
      return [...new Set([...(foreign === null ? [] : [foreign]), ...rows.map(({ name }) => name)])]
    },
    async byIds(ids) {
      if (ids.length === 0) return []
      const rows = await db
        .selectFrom('deployments')
        .selectAll()
        .where('id', 'in', [...ids])
        .orderBy('id')
        .execute()
      return rows.map(toDeployment)
    },
    async active(enrollment) {
      const rows = await db
        .selectFrom('deployments')
        .selectAll()
        .where('enrollment_id', '=', enrollment)
        .where(IS_ACTIVE)
        .execute()
      return rows.map(toDeployment)
    },
    async activeOfAccount(account) {
      const rows = await db
        .selectFrom('deployments')
        .select(['enrollment_id', 'network'])
        .where('account_id', '=', account)
        .where(IS_ACTIVE)
        .execute()
      return rows.map((row) => ({ enrollmentId: enrollmentId(row.enrollment_id), network: row.network }))
    },
    async answering(network, name) {
      const row = await db
        .selectFrom('network_names')
        .select('deployment_id')
        .where('network', '=', network)
        .where('name', '=', name)
        .executeTakeFirst()
      return row === undefined ? null : deploymentId(row.deployment_id)
    },
    async begin(record) {
      const { rows } = await beginning(record, origin).execute(db)
      const [row] = rows
      if (row === undefined) throw new Error(`deployment ${record.id} could not be begun`)
      return toDeployment(row)
    },
    async activate(id, at) {
      const tables = activation(id, at)
      await sql`${withTables(tables)} select ${readTables(tables)}`.execute(db)
    },
    async revert(id) {
      const { rows } = await reversion(id, origin).execute(db)
      if (rows.length === 0) throw new Error(`unknown deployment ${id}`)
    },
  }
}

/** Literally, so that the plan of a kept statement can use the index of the active ones. */
const IS_ACTIVE = sql<boolean>`state = 'active'`

/** An origin that no process has: everybody listens. */
const NOBODY = '-'

/** `NETWORK DEPLOYMENT ORIGIN`: the process of that origin tells its own edges directly, and waits for them. */
const tellEdges = (network: RawBuilder<unknown>, id: string, origin: string): RawBuilder<unknown> =>
  sql`pg_notify(${EDGE_CHANNEL}, ${network} || ${` ${id} ${origin}`})`

/**
 * One that was replaced may be gone back to. A repeat of an interrupted attempt keeps the first note of what the names were answered with before; a repeat after a failure makes a new one. In
 * that note the deployment's own earlier attempt does not count. Names in order: two that begin at once never wait for each other.
 */
const beginning = (record: DeploymentRecord, origin: string) => sql<Selectable<Database['deployments']>>`
  with names as (select distinct name from unnest(${[...record.servedNames]}::text[]) as name order by name),
  answered as (
    select coalesce(jsonb_object_agg(names.name, before.deployment_id), '{}') as replaces
    from names left join network_names before
      on before.network = ${record.network} and before.name = names.name and before.deployment_id <> ${record.id}),
  begun as (
    insert into deployments as d (id, account_id, enrollment_id, change_id, network, generation, certificate_ids, settings, served_names, state, replaces, created_at)
    select ${record.id}, ${record.accountId}, ${record.enrollmentId}::bigint, ${record.changeId}::bigint, ${record.network}, ${record.generation}::integer,
      ${[...record.certificateIds]}::text[], ${JSON.stringify(record.settings)}::jsonb, ${[...record.servedNames]}::text[], 'pending', replaces,
      ${record.createdAt}::bigint
    from answered
    on conflict (id) do update set state = 'pending', replaces = excluded.replaces where d.state in ('failed', 'replaced')
    returning d.*),
  pointed as (
    insert into network_names (network, name, deployment_id) select ${record.network}, name, ${record.id} from names
    on conflict (network, name) do update set deployment_id = excluded.deployment_id),
  standing as (
    select * from begun
    union all select * from deployments where id = ${record.id} and not exists (select from begun))
  select standing.*, ${tellEdges(sql`network`, record.id, origin)} from standing`

/**
 * Names that the former deployment of this enrollment answered and the new one does not ask for any more are dropped. The former one has to be replaced before
 * the new one becomes active (index one_active_deployment), hence the look at `former`, which PostgreSQL has to finish first.
 */
export function activation(id: DeploymentId, at: Instant, from?: string): readonly CommonTable[] {
  const only = from === undefined ? sql`` : sql`and exists (select from ${sql.ref(from)})`
  const others = sql`other.enrollment_id = mine.enrollment_id and other.network = mine.network and other.id <> mine.id`
  return [
    // Nothing is activated silently that never began: the text is no number, and the whole statement fails with it.
    {
      name: 'known',
      query: sql`
        select (case when exists (select from deployments where id = ${id}) then '1' else ${`unknown deployment ${id}`} end)::integer`,
      isRead: true,
    },
    {
      name: 'former',
      query: sql`
        update deployments other set state = 'replaced' from deployments mine
        where mine.id = ${id} and ${others} and other.state = 'active' ${only} returning other.id`,
    },
    {
      name: 'activated',
      query: sql`
        update deployments set state = 'active', activated_at = ${at}, proven_number = coalesce(proven_number, (
          select coalesce(max(numbered.proven_number), 0) + 1 from deployments numbered
          where numbered.enrollment_id = deployments.enrollment_id and numbered.network = deployments.network))
        where id = ${id} and (select count(*) from former) >= 0 ${only} returning id`,
    },
    ...looksOf({ begins: 'activated', ends: 'former' }),
    {
      name: 'dropped',
      query: sql`
        delete from network_names names using deployments mine, deployments other
        where mine.id = ${id} and ${others} and names.network = mine.network and names.deployment_id = other.id ${only}
        returning names.network`,
    },
    {
      name: 'told_of_drop',
      query: sql`select ${tellEdges(sql`network`, id, NOBODY)} from (select distinct network from dropped) as dropped_on`,
      isRead: true,
    },
  ]
}

/**
 * Names go back to what they were answered with before, unless another deployment has taken them meanwhile. Where that is gone, to the latest one of the
 * account that serves the name. Was it active already, then the one that it replaced is active again, with the names that had been dropped for it; that
 * has to come after `failed` (index one_active_deployment), which PostgreSQL has to finish first.
 */
const reversion = (id: DeploymentId, origin: string) => sql`
  with mine as (select * from deployments where id = ${id}),
  back as (
    select names.name, coalesce(
      (select noted.id from deployments noted
        where noted.id = mine.replaces ->> names.name and noted.state in ('active', 'pending', 'replaced')),
      (select heir.id from deployments heir
        where heir.account_id = mine.account_id and heir.network = mine.network and heir.state = 'active' and heir.id <> mine.id
          and names.name = any (heir.served_names) and mine.replaces ->> names.name is not null
        order by heir.activated_at desc limit 1)) as to_id
    from mine join network_names names on names.network = mine.network and names.deployment_id = mine.id),
  dark as (
    delete from network_names names using mine, back
    where names.network = mine.network and names.name = back.name and names.deployment_id = mine.id and back.to_id is null),
  pointed as (
    update network_names names set deployment_id = back.to_id from mine, back
    where names.network = mine.network and names.name = back.name and names.deployment_id = mine.id and back.to_id is not null),
  failed as (update deployments set state = 'failed' where id = ${id} returning id),
  former as (
    select former.id, former.network, former.served_names from deployments former, mine
    where mine.state = 'active' and former.state = 'replaced'
      and former.enrollment_id = mine.enrollment_id and former.network = mine.network
    order by former.activated_at desc, former.change_id desc, former.generation desc limit 1),
  active_again as (
    update deployments set state = 'active' from former
    where deployments.id = former.id and (select count(*) from failed) > 0 returning deployments.id),
  ${sql.join(looksOf({ begins: 'active_again', ends: 'failed' }).map(({ name, query }) => sql`${sql.ref(name)} as (${query})`))},
  named_again as (
    insert into network_names (network, name, deployment_id) select network, unnest(served_names), id from former
    on conflict (network, name) do nothing)
  select ${tellEdges(sql`network`, id, origin)} from mine`

export const toDeployment = (row: Selectable<Database['deployments']>): DeploymentRecord => ({
  id: deploymentId(row.id),
  accountId: accountId(row.account_id),
  enrollmentId: enrollmentId(row.enrollment_id),
  changeId: changeId(row.change_id),
  network: row.network,
  generation: row.generation,
  certificateIds: row.certificate_ids.map(certificateId),
  settings: row.settings as NetworkConfiguration,
  servedNames: row.served_names,
  state: row.state as DeploymentRecord['state'],
  replaces: row.replaces as DeploymentRecord['replaces'],
  createdAt: row.created_at as Instant,
  activatedAt: row.activated_at as Instant | null,
})
