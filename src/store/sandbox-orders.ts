import type { Kysely, Selectable } from 'kysely'
import type { LocalOrder, LocalOrders } from '../authority/local/orders.ts'
import { accountId, changeId, enrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { Authorization, AuthorityChallenge, IssuedCertificate } from '../ports/certificate-authority.ts'
import type { Database } from './schema.ts'

/** The sandbox CA's books over PostgreSQL. */
export function createSandboxOrders(db: Kysely<Database>): LocalOrders {
  return {
    async find(change) {
      const row = await db
        .selectFrom('sandbox_orders')
        .selectAll()
        .where('change_id', '=', change)
        .orderBy('generation', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row ? toOrder(db, row) : null
    },
    async insert(order) {
      await db.transaction().execute(async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('sandbox_orders')
          .values(orderRow(order))
          .onConflict((conflict) => conflict.columns(['change_id', 'generation']).doNothing())
          .executeTakeFirst()
        if (numInsertedOrUpdatedRows === 1n) {
          await trx.insertInto('sandbox_authorizations').values(authorizationRows(order)).execute()
        }
      })
      const row = await db
        .selectFrom('sandbox_orders')
        .selectAll()
        .where('change_id', '=', order.changeId)
        .where('generation', '=', order.generation)
        .executeTakeFirstOrThrow()
      return toOrder(db, row)
    },
    async saveAuthorization(orderId, authorization) {
      await db
        .updateTable('sandbox_authorizations')
        .set({
          status: authorization.status,
          expires_at: authorization.expires,
          challenges: JSON.stringify(authorization.challenges),
        })
        .where('order_id', '=', orderId)
        .where('identifier', '=', authorization.identifier)
        .where('status', '=', 'pending')
        .execute()
      const row = await db
        .selectFrom('sandbox_authorizations')
        .selectAll()
        .where('order_id', '=', orderId)
        .where('identifier', '=', authorization.identifier)
        .executeTakeFirst()
      return row ? toAuthorization(row) : null
    },
    async saveCertificate(orderId, certificate) {
      await db
        .updateTable('sandbox_orders')
        .set({ certificate: JSON.stringify(certificate) })
        .where('id', '=', orderId)
        .where('certificate', 'is', null)
        .execute()
      const row = await db.selectFrom('sandbox_orders').select('certificate').where('id', '=', orderId).executeTakeFirst()
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
        .where('status', '=', 'valid')
        .where('validation_type', '=', 'dv')
        .where('expires_at', '>', at)
        .orderBy('identifier')
        .orderBy('expires_at', 'desc')
        .execute()
      return rows.map(toAuthorization)
    },
  }
}

const orderRow = (order: LocalOrder) => ({
  id: order.id,
  change_id: order.changeId,
  generation: order.generation,
  account_id: order.accountId,
  enrollment_id: order.enrollmentId,
  validation_type: order.validationType,
  identifiers: [...order.identifiers],
  subject: JSON.stringify(order.subject),
  created_at: order.createdAt,
  abandoned: order.abandoned,
  certificate: order.certificate === null ? null : JSON.stringify(order.certificate),
})

const authorizationRows = (order: LocalOrder) =>
  order.authorizations.map((authorization, position) => ({
    order_id: order.id,
    identifier: authorization.identifier,
    position,
    account_id: order.accountId,
    validation_type: order.validationType,
    status: authorization.status,
    expires_at: authorization.expires,
    challenges: JSON.stringify(authorization.challenges),
  }))

async function toOrder(db: Kysely<Database>, row: Selectable<Database['sandbox_orders']>): Promise<LocalOrder> {
  const authorizations = await db
    .selectFrom('sandbox_authorizations')
    .selectAll()
    .where('order_id', '=', row.id)
    .orderBy('position')
    .execute()
  return {
    id: row.id,
    changeId: changeId(row.change_id),
    generation: row.generation,
    accountId: accountId(row.account_id),
    enrollmentId: enrollmentId(row.enrollment_id),
    validationType: row.validation_type as LocalOrder['validationType'],
    identifiers: row.identifiers,
    subject: row.subject as LocalOrder['subject'],
    createdAt: row.created_at as Instant,
    authorizations: authorizations.map(toAuthorization),
    abandoned: row.abandoned,
    certificate: row.certificate as IssuedCertificate | null,
  }
}

const toAuthorization = (row: Selectable<Database['sandbox_authorizations']>): Authorization => ({
  identifier: row.identifier,
  status: row.status as Authorization['status'],
  expires: row.expires_at as Instant,
  challenges: row.challenges as AuthorityChallenge[],
})
