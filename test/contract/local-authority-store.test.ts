import { createAuthorityRecords } from '../../src/store/authority-records.ts'
import { createSandboxOrders } from '../../src/store/sandbox-orders.ts'
import { openStore } from '../support/store-under-test.ts'
import { authorityRecordsContract } from './authority-records-contract.ts'
import { localOrdersContract } from './local-orders-contract.ts'

authorityRecordsContract('in PostgreSQL', async () => {
  const under = await openStore()
  return { records: createAuthorityRecords(under.db), close: () => under.close() }
})

localOrdersContract('in PostgreSQL', async () => {
  const under = await openStore()
  return {
    orders: createSandboxOrders(under.db),
    newAccount: () => under.newAccount(),
    async newChange(account) {
      const { id: changeId, enrollmentId } = await under.newChange(await under.newEnrollment(account))
      return { enrollmentId, changeId }
    },
    close: () => under.close(),
  }
})
