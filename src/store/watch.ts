import { type Kysely, sql } from 'kysely'
import { deploymentId, enrollmentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'
import type { DeliveryFigure, LiveDeployment, Watch } from '../ports/watch.ts'
import type { Database } from './schema.ts'

/** The first of its own names that the network answers from the deployment `d`: another one of the account may have taken the others. */
const ANSWERED = sql`
  select n.name from network_names n where n.deployment_id = d.id
  order by array_position(d.served_names, n.name) limit 1`

const LIVE = sql`
  select d.id, d.network, d.enrollment_id, d.certificate_ids, answered.name
  from deployments d cross join lateral (${ANSWERED}) as answered
  where d.state = 'active'`

interface LiveRow {
  readonly id: string
  readonly network: Network
  readonly name: string | null
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
    async takeForLook({ now, againAt }, limit) {
      const { rows } = await sql<LiveRow>`
        with due as (
          select deployment_id from served_looks where real_due_at is not null and real_due_at <= ${now}::bigint
          order by real_due_at, deployment_id limit ${limit}::integer for update skip locked),
        taken as (
          update served_looks l set real_due_at = ${againAt}::bigint from due where l.deployment_id = due.deployment_id
          returning l.deployment_id)
        select taken.deployment_id as id, d.network, answered.name, (
          select jsonb_agg(jsonb_build_object('fingerprint', c.fingerprint, 'notBefore', c.not_before, 'notAfter', c.not_after))
          from certificates c where c.id = any (d.certificate_ids)) as certificates
        from taken join deployments d on d.id = taken.deployment_id
        left join lateral (${ANSWERED}) as answered on d.state = 'active'`.execute(db)
      return {
        taken: rows.length,
        live: rows.flatMap(({ id, name, ...row }) =>
          name === null ? [] : [{ ...row, name, id: deploymentId(id) }],
        ),
      }
    },
    async looked({ id, validity, problem }, realAt, againAt) {
      await db
        .updateTable('served_looks')
        .set({
          real_looked_at: realAt,
          real_due_at: againAt,
          problem,
          ...(validity === null ? {} : { not_before: validity.notBefore, not_after: validity.notAfter }),
        })
        .where('deployment_id', '=', id)
        .where('real_due_at', 'is not', null)
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
