import { fullBucket } from '../../../../src/domain/renewal/order-limit.ts'
import type { OrderAccount, OrderBudgets } from '../../../../src/ports/order-budgets.ts'
import type { Tables } from './tables.ts'

const keyOf = ({ name, directoryUrl }: OrderAccount): string => `${name} ${directoryUrl}`

export const createMemoryOrderBudgets = ({ budgets }: Tables): OrderBudgets => ({
  async lock(account, limit, at) {
    const stands = budgets.get(keyOf(account)) ?? fullBucket(limit, at)
    budgets.set(keyOf(account), stands)
    return stands
  },
  async save(account, bucket) {
    if (budgets.get(keyOf(account)) !== undefined) budgets.set(keyOf(account), bucket)
  },
})
