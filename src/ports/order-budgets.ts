import type { OrderBucket, OrderLimit } from '../domain/renewal/order-limit.ts'
import type { Instant } from '../domain/time.ts'

/** An account at a CA, as the configuration names it. */
export interface OrderAccount {
  readonly name: string
  readonly directoryUrl: string
}

/** What is left of the new orders that a CA takes from one account (lifecycle clock), counted over all processes. */
export interface OrderBudgets {
  /** Full where nothing was ordered yet. Locked until the transaction ends. */
  lock(account: OrderAccount, limit: OrderLimit, at: Instant): Promise<OrderBucket>
  /** In the transaction that locked it. */
  save(account: OrderAccount, bucket: OrderBucket): Promise<void>
}

/** Notes one order before the CA is asked for it. It is not held back: a person waits for it, or it is a repetition. */
export type SpendOrder = (account: OrderAccount, limit: OrderLimit) => Promise<void>
