import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, expectRefusal } from '../support/api-calls.ts'
import { type ApiUnderTest, startApi } from '../support/api-under-test.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const CONTRACTS = '/papi/v1/contracts'
const GROUPS = '/papi/v1/groups'
/** As the Go SDK says it on every request. */
const PREFIXED = { headers: { 'papi-use-prefixes': 'true' } }

describe('what pipelines ask the Property Manager API for', () => {
  it('is the contracts of the account, with their prefixes', async () => {
    const answer = await api.call('GET', CONTRACTS, PREFIXED)
    expect([answer.status, answer.headers['content-type'], bodyOf(answer)]).toEqual([
      200,
      'application/json',
      {
        accountId: 'act_A-1',
        contracts: {
          items: [
            { contractId: 'ctr_C-1', contractTypeName: 'DIRECT_CUSTOMER' },
            { contractId: 'ctr_C-2', contractTypeName: 'DIRECT_CUSTOMER' },
          ],
        },
      },
    ])
  })

  it('is a group for each contract, so that a group leads to one contract and back', async () => {
    const { accountId, accountName, groups } = bodyOf(await api.call('GET', GROUPS, PREFIXED))
    expect([accountId, accountName]).toEqual(['act_A-1', 'Account A-1'])
    expect(groups.items).toEqual([
      { groupId: expect.any(String), groupName: 'Account A-1-C-1', contractIds: ['ctr_C-1'] },
      { groupId: expect.any(String), groupName: 'Account A-1-C-2', contractIds: ['ctr_C-2'] },
    ])
    const ids = groups.items.map(({ groupId }: { groupId: string }) => groupId)
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^grp_\d{1,10}$/)
    const again = bodyOf(await api.call('GET', GROUPS)).groups.items
    expect(again).toEqual(groups.items)
  })

  it('has bare ids for who asks for them so', async () => {
    const bare = { headers: { 'PAPI-Use-Prefixes': 'false' } }
    const contracts = bodyOf(await api.call('GET', CONTRACTS, bare))
    expect([contracts.accountId, contracts.contracts.items[0].contractId]).toEqual(['A-1', 'C-1'])
    const [group] = bodyOf(await api.call('GET', GROUPS, bare)).groups.items
    expect([/^\d+$/.test(group.groupId), group.contractIds]).toEqual([true, ['C-1']])
  })

  it('is the own account alone, after a switch too, and needs a signature', async () => {
    const other = bodyOf(await api.call('GET', CONTRACTS, { client: 'ct-two' }))
    expect(other.contracts.items.map((item: { contractId: string }) => item.contractId)).toEqual(['ctr_C-9'])
    const read = await api.call('GET', GROUPS, { client: 'ct-reader' })
    expect(bodyOf(read).accountId).toBe('act_A-1')
    expectRefusal(await api.call('GET', CONTRACTS, { authorization: null }), 400, 'Bad request')
  })

  it('is read only', async () => {
    const answer = await api.call('POST', CONTRACTS)
    expectRefusal(answer, 405, 'Method Not Allowed')
    expect(answer.headers['allow']).toBe('GET, HEAD')
  })
})
