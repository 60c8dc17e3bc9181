import { accountId, changeId, enrollmentId } from '../../src/domain/identifiers.ts'
import { createMemoryAuthorityRecords } from '../support/memory-authority-records.ts'
import { createMemoryLocalOrders } from '../support/memory-local-orders.ts'
import { authorityRecordsContract } from './authority-records-contract.ts'
import { localOrdersContract } from './local-orders-contract.ts'

authorityRecordsContract('in memory', async () => ({
  records: createMemoryAuthorityRecords(),
  close: async () => {},
}))

localOrdersContract('in memory', async () => {
  let next = 10_000
  return {
    orders: createMemoryLocalOrders(),
    newAccount: async () => accountId(`acc_${next++}`),
    newChange: async () => ({ enrollmentId: enrollmentId(next++), changeId: changeId(next++) }),
    close: async () => {},
  }
})
