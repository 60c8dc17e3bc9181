import { type Kysely, sql } from 'kysely'
import { accountId, contractId } from '../domain/identifiers.ts'
import type { AccountRecord, Accounts } from '../ports/accounts.ts'
import type { Database } from './schema.ts'

/** Key of the advisory lock under which first accounts are made. */
const FIRST_START_LOCK = 0x66697273

export function createAccounts(db: Kysely<Database>): Accounts {
  return {
    async insert(account, at) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('accounts')
        .values({ id: account.id, name: account.name, switch_key: account.switchKey, real_created_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async find(id) {
      const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? toAccount(row) : null
    },
    async bySwitchKey(switchKey) {
      const row = await db
        .selectFrom('accounts')
        .selectAll()
        .where('switch_key', '=', switchKey)
        .executeTakeFirst()
      return row ? toAccount(row) : null
    },
    async insertContract(id, account, at) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('contracts')
        .values({ id, account_id: account, real_created_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async contractOwner(id) {
      const row = await db
        .selectFrom('contracts')
        .select('account_id')
        .where('id', '=', id)
        .executeTakeFirst()
      return row ? accountId(row.account_id) : null
    },
    async contractsOf(account) {
      const rows = await db
        .selectFrom('contracts')
        .select('id')
        .where('account_id', '=', account)
        .orderBy('real_created_at')
        .orderBy('id')
        .execute()
      return rows.map((row) => contractId(row.id))
    },
    async waitForFirstStart() {
      await sql`select pg_advisory_xact_lock(${FIRST_START_LOCK})`.execute(db)
    },
    async isEmpty() {
      return (await db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()) === undefined
    },
  }
}

const toAccount = (row: { id: string; name: string; switch_key: string | null }): AccountRecord => ({
  id: accountId(row.id),
  name: row.name,
  switchKey: row.switch_key,
})
