import { type Kysely } from 'kysely'
import { afterOrder, fullBucket } from '../domain/renewal/order-limit.ts'
import { instant } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { OrderAccount, OrderBudgets, SpendOrder } from '../ports/order-budgets.ts'
import type { Database } from './schema.ts'

/** One row for each CA account; a process that dies in between leaves it as it was. */
export function createOrderBudgets(db: Kysely<Database>): OrderBudgets {
  return {
    async lock(account, limit, at) {
      const full = fullBucket(limit, at)
      await db
        .insertInto('order_budgets')
        .values({ ...keyOf(account), ...full })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      const row = await db
        .selectFrom('order_budgets')
        .select(['tokens', 'at'])
        .where('account_name', '=', account.name)
        .where('directory_url', '=', account.directoryUrl)
        .forUpdate()
        .executeTakeFirstOrThrow()
      return { tokens: row.tokens, at: instant(row.at) }
    },
    async save({ name, directoryUrl }, { tokens, at }) {
      await db
        .updateTable('order_budgets')
        .set({ tokens, at })
        .where('account_name', '=', name)
        .where('directory_url', '=', directoryUrl)
        .execute()
    },
  }
}

const keyOf = ({ name, directoryUrl }: OrderAccount) => ({ account_name: name, directory_url: directoryUrl })

/** `clock`: the lifecycle's. */
export const createSpendOrder =
  (db: Kysely<Database>, clock: Clock): SpendOrder =>
  (account, limit) =>
    db.transaction().execute(async (trx) => {
      const budgets = createOrderBudgets(trx)
      const now = clock.now()
      await budgets.save(account, afterOrder(await budgets.lock(account, limit, now), limit, now))
    })
