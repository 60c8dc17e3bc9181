import { type Kysely, sql } from 'kysely'
import { deploymentId, enrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'
import type { DeliveryFigure, LiveDeployment, Watch } from '../ports/watch.ts'
import type { Database } from './schema.ts'

/** The first of its own names that the network answers from it: another deployment of the account may have taken the others. */
const LIVE = sql`
  select d.id, d.network, d.enrollment_id, d.certificate_ids, answered.name
  from deployments d cross join lateral (
    select n.name from network_names n where n.deployment_id = d.id
    order by array_position(d.served_names, n.name) limit 1) as answered
  where d.state = 'active'`

interface LiveRow {
  readonly id: string
  readonly network: Network
  readonly name: string
  readonly certificates: LiveDeployment['certificates']
}

interface ServedRow {
  readonly network: Network
  readonly enrollment_id: number
  readonly name: string
  readonly not_before: number
  readonly not_after: number
  readonly problem: string | null
  readonly real_looked_at: number | null
}

export function createWatch(db: Kysely<Database>): Watch {
  return {
    async takeForLook({ now, before, troubledBefore }, limit) {
      const { rows } = await sql<LiveRow>`
        with live as (${LIVE}),
        next as (
          select live.* from live left join served_looks l on l.deployment_id = live.id
          where l.real_looked_at is null or l.real_looked_at <= ${before}::bigint
            or (l.problem is not null and l.real_looked_at <= ${troubledBefore}::bigint)
          order by l.real_looked_at nulls first, live.id limit ${limit}),
        taken as (
          insert into served_looks as l (deployment_id, real_looked_at) select id, ${now}::bigint from next order by id
          on conflict (deployment_id) do update set real_looked_at = excluded.real_looked_at
            where l.real_looked_at <= ${before}::bigint or l.problem is not null
          returning deployment_id)
        select next.id, next.network, next.name, (
          select jsonb_agg(jsonb_build_object('fingerprint', c.fingerprint, 'notBefore', c.not_before, 'notAfter', c.not_after))
          from certificates c where c.id = any (next.certificate_ids)) as certificates
        from next join taken on taken.deployment_id = next.id`.execute(db)
      return rows.map((row): LiveDeployment => ({ ...row, id: deploymentId(row.id) }))
    },
    async looked({ id, validity, problem }, realAt) {
      await db
        .updateTable('served_looks')
        .set({
          real_looked_at: realAt,
          problem,
          ...(validity === null ? {} : { not_before: validity.notBefore, not_after: validity.notAfter }),
        })
        .where('deployment_id', '=', id)
        .where(sql<boolean>`exists (select from network_names n where n.deployment_id = ${id})`)
        .execute()
    },
    async served() {
      const { rows } = await sql<ServedRow>`
        with live as (${LIVE})
        select live.network, live.enrollment_id, live.name, l.problem, l.real_looked_at,
          coalesce(l.not_before, wished.not_before) as not_before, coalesce(l.not_after, wished.not_after) as not_after
        from live
        cross join lateral (
          select c.not_before, c.not_after from certificates c where c.id = any (live.certificate_ids)
          order by c.not_after limit 1) as wished
        left join served_looks l on l.deployment_id = live.id
        order by live.id`.execute(db)
      return rows.map((row) => ({
        network: row.network,
        enrollmentId: enrollmentId(row.enrollment_id),
        name: row.name,
        notBefore: row.not_before as Instant,
        notAfter: row.not_after as Instant,
        problem: row.problem,
        realLookedAt: row.real_looked_at as Instant | null,
      }))
    },
    async behind(at) {
      const { rows } = await sql<Record<'change' | 'renewal' | 'held', number | null>>`
        with overdue as (
          select e.renew_at, exists (
            select from changes c where c.enrollment_id = e.id and c.state not in ('cancelled', 'completed')) as held
          from enrollments e where e.renew_at <= ${at}::bigint and e.removed_at is null)
        select
          (select min(next_at) from changes where next_at <= ${at}::bigint) as change,
          (select min(renew_at) from overdue where not held) as renewal,
          (select min(renew_at) from overdue where held) as held`.execute(db)
      const [row] = rows
      return {
        changeDueSince: (row?.change ?? null) as Instant | null,
        renewalDueSince: (row?.renewal ?? null) as Instant | null,
        heldRenewalDueSince: (row?.held ?? null) as Instant | null,
      }
    },
    async deliveries() {
      const rows = await db
        .selectFrom('notice_deliveries')
        .select(['channel', sql<number>`count(*)`.as('waiting')])
        .select(sql<number>`count(*) filter (where attempts > 0)`.as('failing'))
        .where('real_next_at', 'is not', null)
        .groupBy('channel')
        .execute()
      const of = (channel: DeliveryFigure['channel']): DeliveryFigure => {
        const row = rows.find((one) => one.channel === channel)
        return { channel, waiting: Number(row?.waiting ?? 0), failing: Number(row?.failing ?? 0) }
      }
      return [of('mail'), of('webhook')]
    },
  }
}
