import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { createTestClient, type TestClient } from '../support/test-client.ts'

describe('accounts are kept apart', () => {
  let home: string
  let instance: Instance
  let tenant: TestClient
  let tenantAccount: string
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home)
    const account = await instance.client.call('POST', '/certrail/v1/accounts', { body: { name: 'Tenant' } })
    tenantAccount = account.body.id
    const contract = await instance.client.call('POST', `/certrail/v1/accounts/${tenantAccount}/contracts`, {
      body: { id: 'C-TENANT' },
    })
    expect([account.status, contract.status]).toEqual([201, 201])
    const client = await instance.client.call('POST', `/certrail/v1/accounts/${tenantAccount}/clients`, {
      body: { role: 'admin', section: 'tenant' },
    })
    const { clientToken, clientSecret, accessToken } = client.body
    const section = ['[tenant]', `host = ${instance.client.host}`, `client_token = ${clientToken}`]
    section.push(`client_secret = ${clientSecret}`, `access_token = ${accessToken}`, '')
    await appendFile(join(home, 'edgerc'), `\n${section.join('\n')}`)
    tenant = await createTestClient(home, 'tenant')
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  it('an administrator of a tenant makes clients of his own account and nothing elsewhere', async () => {
    const own = await tenant.call('POST', `/certrail/v1/accounts/${tenantAccount}/clients`, {
      body: { role: 'read-only' },
    })
    expect(own.status).toBe(201)
    const foreign = await tenant.call('POST', '/certrail/v1/accounts/A-SANDBOX/clients', {
      body: { role: 'admin' },
    })
    expect([foreign.status, foreign.body.title]).toEqual([404, 'Not Found'])
    const contract = await tenant.call('POST', '/certrail/v1/accounts/A-SANDBOX/contracts', { body: {} })
    expect(contract.status).toBe(404)
    expect((await tenant.call('POST', '/certrail/v1/accounts', { body: { name: 'Another' } })).status).toBe(
      403,
    )
  })

  it('neither enrollments nor contracts nor names of another account can be had', async () => {
    const created = await createEnrollment(
      instance.client,
      instance.ready.contract,
      dvEnrollment('*.taken.example'),
    )
    const seen = await tenant.call('GET', created.enrollment, {
      accept: 'application/vnd.akamai.cps.enrollment.v11+json',
    })
    expect([seen.status, seen.body.title]).toEqual([404, 'Not Found'])
    expect((await tenant.call('GET', '/cps/v2/enrollments')).body.enrollments).toEqual([])
    const contracts = await tenant.call('GET', '/contract-api/v1/contracts/identifiers?depth=TOP')
    expect(contracts.body).toEqual(['C-TENANT'])
    await expect(
      createEnrollment(tenant, instance.ready.contract, dvEnrollment('www.own.example')),
    ).rejects.toThrow(/403/)
    await expect(createEnrollment(tenant, 'C-TENANT', dvEnrollment('www.taken.example'))).rejects.toThrow(
      /409.*name-in-use/s,
    )
  })

  it('a switch key works for those who may switch', async () => {
    const account = await instance.client.call('POST', '/certrail/v1/accounts', {
      body: { name: 'Switched', switchKey: '1-ABC:1-8BYUX' },
    })
    expect(account.body.switchKey).toBe('1-ABC:1-8BYUX')
    const path = '/cps/v2/enrollments?accountSwitchKey=1-ABC%3A1-8BYUX'
    expect((await instance.client.call('GET', path)).body.enrollments).toEqual([])
    expect((await tenant.call('GET', path)).status).toBe(403)
    expect((await instance.client.call('GET', '/cps/v2/enrollments?accountSwitchKey=1-NOBODY')).status).toBe(
      403,
    )
  })
})
