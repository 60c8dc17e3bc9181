import { type Kysely, type Selectable, sql } from 'kysely'
import type { LocalOrder, LocalOrders } from '../authority/local/orders.ts'
import { accountId, changeId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { Authorization, AuthorityChallenge, IssuedCertificate } from '../ports/certificate-authority.ts'
import { insertRows, type Row } from './rows.ts'
import type { Database } from './schema.ts'

/** The sandbox CA's books over PostgreSQL. */
export function createSandboxOrders(db: Kysely<Database>): LocalOrders {
  return {
    async find(change) {
      const row = await orders(db)
        .where('change_id', '=', change)
        .orderBy('generation', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row ? toOrder(row) : null
    },
    async insert(order) {
      if (await insertFirst(db, order)) return order
      const row = await orders(db)
        .where('change_id', '=', order.changeId)
        .where('generation', '=', order.generation)
        .executeTakeFirstOrThrow()
      return toOrder(row)
    },
    async saveAuthorization(orderId, authorization) {
      const saved = await db
        .updateTable('sandbox_authorizations')
        .set({
          status: authorization.status,
          expires_at: authorization.expires,
          challenges: JSON.stringify(authorization.challenges),
        })
        .where('order_id', '=', orderId)
        .where('identifier', '=', authorization.identifier)
        .where('status', '=', 'pending')
        .returningAll()
        .executeTakeFirst()
      const row = saved ?? (await standingAuthorization(db, orderId, authorization.identifier))
      return row ? toAuthorization(row) : null
    },
    async saveCertificate(orderId, certificate) {
      const saved = await db
        .updateTable('sandbox_orders')
        .set({ certificate: JSON.stringify(certificate) })
        .where('id', '=', orderId)
        .where('certificate', 'is', null)
        .returning('certificate')
        .executeTakeFirst()
      const row = saved ?? (await standingCertificate(db, orderId))
      return (row?.certificate as IssuedCertificate | null | undefined) ?? null
    },
    async abandon(change) {
      await db
        .updateTable('sandbox_orders')
        .set({ abandoned: true })
        .where('change_id', '=', change)
        .where('generation', '=', (query) =>
          query
            .selectFrom('sandbox_orders as newest')
            .select(({ fn }) => fn.max('newest.generation').as('generation'))
            .where('newest.change_id', '=', change),
        )
        .execute()
    },
    async validAuthorizations(account, identifiers, at) {
      if (identifiers.length === 0) return []
      const rows = await db
        .selectFrom('sandbox_authorizations')
        .distinctOn('identifier')
        .selectAll()
        .where('account_id', '=', account)
        .where('identifier', 'in', [...identifiers])
        .where(sql<boolean>`status = 'valid'`)
        .where('validation_type', '=', 'dv')
        .where('expires_at', '>', at)
        .orderBy('identifier')
        .orderBy('expires_at', 'desc')
        .execute()
      return rows.map(toAuthorization)
    },
  }
}

/** Order and authorizations in one statement; false: one of this change and generation stands already. */
async function insertFirst(db: Kysely<Database>, order: LocalOrder): Promise<boolean> {
  const conflict = sql`on conflict (change_id, generation) do nothing returning id`
  const { rows } = await sql<{ inserted: boolean }>`
    with first as (${insertRows('sandbox_orders', [orderRow(order)], { conflict })}),
    authorized as (${insertRows('sandbox_authorizations', authorizationRows(order), { from: 'first' })})
    select exists (select from first) as inserted`.execute(db)
  return rows[0]?.inserted === true
}

/** Each order with its authorizations in the order of its identifiers. */
const orders = (db: Kysely<Database>) =>
  db
    .selectFrom('sandbox_orders')
    .selectAll()
    .select(
      sql<readonly Selectable<Database['sandbox_authorizations']>[]>`(
        select coalesce(json_agg(a order by a.position), '[]') from sandbox_authorizations a where a.order_id = sandbox_orders.id)`.as(
        'authorizations',
      ),
    )

const standingAuthorization = (db: Kysely<Database>, orderId: string, identifier: string) =>
  db
    .selectFrom('sandbox_authorizations')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('identifier', '=', identifier)
    .executeTakeFirst()

const standingCertificate = (db: Kysely<Database>, orderId: string) =>
  db.selectFrom('sandbox_orders').select('certificate').where('id', '=', orderId).executeTakeFirst()

const orderRow = (order: LocalOrder): Row<'sandbox_orders'> => ({
  id: order.id,
  change_id: order.changeId,
  generation: order.generation,
  account_id: order.accountId,
  enrollment_id: order.enrollmentId,
  validation_type: order.validationType,
  identifiers: order.identifiers,
  subject: order.subject,
  created_at: order.createdAt,
  abandoned: order.abandoned,
  certificate: order.certificate,
})

const authorizationRows = (order: LocalOrder): readonly Row<'sandbox_authorizations'>[] =>
  order.authorizations.map((authorization, position) => ({
    order_id: order.id,
    identifier: authorization.identifier,
    position,
    account_id: order.accountId,
    validation_type: order.validationType,
    status: authorization.status,
    expires_at: authorization.expires,
    challenges: authorization.challenges,
  }))

type OrderRow = Selectable<Database['sandbox_orders']> & {
  readonly authorizations: readonly Selectable<Database['sandbox_authorizations']>[]
}

const toOrder = (row: OrderRow): LocalOrder => ({
  id: row.id,
  changeId: changeId(row.change_id),
  generation: row.generation,
  accountId: accountId(row.account_id),
  enrollmentId: enrollmentId(row.enrollment_id),
  validationType: row.validation_type as LocalOrder['validationType'],
  identifiers: row.identifiers,
  subject: row.subject as LocalOrder['subject'],
  createdAt: row.created_at as Instant,
  authorizations: row.authorizations.map(toAuthorization),
  abandoned: row.abandoned,
  certificate: row.certificate as IssuedCertificate | null,
})

const toAuthorization = (row: Selectable<Database['sandbox_authorizations']>): Authorization => ({
  identifier: row.identifier,
  status: row.status as Authorization['status'],
  expires: row.expires_at as Instant,
  challenges: row.challenges as AuthorityChallenge[],
})
