import { type Kysely, type Selectable, sql } from 'kysely'
import type {
  AccountRecord,
  AccountReference,
  AcmeBooks,
  OrderRecord,
  RequiredAction,
} from '../authority/acme/books.ts'
import { changeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { Database } from './schema.ts'

/** Accounts and orders at ACME servers over PostgreSQL. */
export function createAcmeBooks(db: Kysely<Database>): AcmeBooks {
  const account = async (reference: AccountReference): Promise<AccountRecord | null> => {
    const row = await accountsLike(db, reference).executeTakeFirst()
    return row === undefined ? null : accountRecordOf(row)
  }
  const update = (reference: AccountReference) =>
    db
      .updateTable('acme_accounts')
      .where('name', '=', reference.name)
      .where('directory_url', '=', reference.directoryUrl)
  return {
    account,
    async insertAccount(record, at) {
      const row = { ...keyOf(record), sealed_key: record.sealedKey, account_url: null, real_created_at: at }
      await db
        .insertInto('acme_accounts')
        .values({
          ...row,
          sealed_next_key: null,
          limited_until: null,
          down_since: null,
          reason: null,
          action: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      return (await account(record)) ?? record
    },
    async keepNextKey(reference, sealedNextKey) {
      // One statement: between two, another process may take the next key into use, and none would be there any more.
      const row = await update(reference)
        .set({ sealed_next_key: sql`coalesce(sealed_next_key, ${sealedNextKey})` })
        .returningAll()
        .executeTakeFirst()
      if (row === undefined) throw new RangeError('a next key for an account that is not there')
      return accountRecordOf(row)
    },
    async takeNextKey(reference, sealedNextKey) {
      await update(reference)
        .where('sealed_next_key', '=', sealedNextKey)
        .set({ sealed_key: sealedNextKey, sealed_next_key: null })
        .execute()
    },
    async saveAccountUrl(reference, accountUrl) {
      await update(reference).set({ account_url: accountUrl }).execute()
    },
    async saveState(reference, { limitedUntil, downSince, reason }) {
      const state = { limited_until: limitedUntil, down_since: downSince, reason }
      await update(reference).set(state).execute()
    },
    async saveAction(reference, action) {
      await update(reference)
        .set({ action: action === null ? null : JSON.stringify(action) })
        .execute()
    },
    async states() {
      const rows = await db.selectFrom('acme_accounts').selectAll().orderBy('name').execute()
      return rows.map((row) => ({
        name: row.name,
        directoryUrl: row.directory_url,
        accountUrl: row.account_url,
        isKeyChanging: row.sealed_next_key !== null,
        limitedUntil: row.limited_until as Instant | null,
        downSince: row.down_since as Instant | null,
        reason: row.reason,
        action: row.action as RequiredAction | null,
      }))
    },
    async ordersInValidation({ name, directoryUrl }) {
      const { rows } = await sql<{ count: string }>`
        select count(distinct o.change_id) as count from acme_orders o join changes c on c.id = o.change_id
        where o.account_name = ${name} and o.directory_url = ${directoryUrl} and o.step in ('placing', 'placed')
          and c.status = 'coordinate-domain-validation' and c.state not in ('cancelled', 'completed')`.execute(
        db,
      )
      return Number(rows[0]?.count ?? 0)
    },
    ...orderBooks(db),
    async noteFailure(reference, identifier, at) {
      await db
        .insertInto('acme_failures')
        .values({
          account_name: reference.name,
          directory_url: reference.directoryUrl,
          identifier,
          real_at: at,
        })
        .execute()
    },
    async failuresSince(reference, identifier, since) {
      const rows = await db
        .selectFrom('acme_failures')
        .select('real_at')
        .where('account_name', '=', reference.name)
        .where('directory_url', '=', reference.directoryUrl)
        .where('identifier', '=', identifier)
        .where('real_at', '>=', since)
        .orderBy('real_at')
        .execute()
      return rows.map((row) => row.real_at as Instant)
    },
  }
}

function orderBooks(db: Kysely<Database>): Pick<AcmeBooks, 'order' | 'saveOrder' | 'isHeld' | 'ordersSince'> {
  return {
    async order(change) {
      const row = await db
        .selectFrom('acme_orders')
        .selectAll()
        .where('change_id', '=', change)
        .orderBy('generation', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? null : toOrder(row)
    },
    async saveOrder(order) {
      const row = orderRow(order)
      await db
        .insertInto('acme_orders')
        .values(row)
        .onConflict((conflict) => conflict.columns(['change_id', 'generation']).doUpdateSet(row))
        .execute()
    },
    async isHeld(orderUrl) {
      const row = await db
        .selectFrom('acme_orders')
        .select('change_id')
        .where('order_url', '=', orderUrl)
        .executeTakeFirst()
      return row !== undefined
    },
    async ordersSince(change, since) {
      const { count } = await db
        .selectFrom('acme_orders')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .where('change_id', '=', change)
        .where('real_created_at', '>=', since)
        .executeTakeFirstOrThrow()
      return Number(count)
    },
  }
}

const keyOf = ({ name, directoryUrl }: AccountReference) => ({ name, directory_url: directoryUrl })

const accountsLike = (db: Kysely<Database>, { name, directoryUrl }: AccountReference) =>
  db
    .selectFrom('acme_accounts')
    .selectAll()
    .where('name', '=', name)
    .where('directory_url', '=', directoryUrl)

const orderRow = (order: OrderRecord) => ({
  change_id: order.changeId,
  generation: order.generation,
  account_name: order.name,
  directory_url: order.directoryUrl,
  identifiers: [...order.identifiers],
  profile: order.profile,
  preferred_chain: order.preferredChain,
  replaces: order.replaces,
  step: order.step,
  order_url: order.orderUrl,
  finalize_url: order.finalizeUrl,
  authorizations: JSON.stringify(order.authorizations),
  problem: order.problem === null ? null : JSON.stringify(order.problem),
  real_created_at: order.createdAt,
})

const toOrder = (row: Selectable<Database['acme_orders']>): OrderRecord => ({
  changeId: changeId(row.change_id),
  generation: row.generation,
  name: row.account_name,
  directoryUrl: row.directory_url,
  identifiers: row.identifiers,
  profile: row.profile,
  preferredChain: row.preferred_chain,
  replaces: row.replaces,
  step: row.step,
  orderUrl: row.order_url,
  finalizeUrl: row.finalize_url,
  authorizations: row.authorizations as OrderRecord['authorizations'],
  problem: row.problem as OrderRecord['problem'],
  createdAt: row.real_created_at as Instant,
})

const accountRecordOf = (row: Selectable<Database['acme_accounts']>): AccountRecord => ({
  name: row.name,
  directoryUrl: row.directory_url,
  sealedKey: row.sealed_key,
  sealedNextKey: row.sealed_next_key,
  accountUrl: row.account_url,
})
