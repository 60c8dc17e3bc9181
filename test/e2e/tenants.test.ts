import { appendFile, readFile } from 'node:fs/promises'
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

  it('a client is given the switch keys of some accounts by those who run the installation, and by nobody else', async () => {
    const { client } = instance
    const keys = { role: 'read-only', section: 'partner', switchKeys: ['1-ABC:1-8BYUX'] }
    const path = `/certrail/v1/accounts/${tenantAccount}/clients`
    expect((await tenant.call('POST', path, { body: keys })).status).toBe(403)
    const unknown = await client.call('POST', path, { body: { ...keys, switchKeys: ['1-NOBODY'] } })
    expect([unknown.status, unknown.body.errors[0].field]).toEqual([400, '/switchKeys/0'])
    const made = await client.call('POST', path, { body: keys })
    await appendFile(join(home, 'edgerc'), `\n${made.body.edgerc}`)
    const partner = await createTestClient(home, 'partner')
    const list = (key: string) =>
      partner.call('GET', `/cps/v2/enrollments?accountSwitchKey=${encodeURIComponent(key)}`)
    expect((await list('1-ABC:1-8BYUX')).status).toBe(200)
    expect((await list('1-SANDBOX:1-CERTRAIL')).status).toBe(403)
    partner.close()
  })

  it('a credential is rotated without a gap; what is retired, disabled or at its end is inactive within seconds', async () => {
    const path = `/certrail/v1/accounts/${tenantAccount}/clients`
    const { body: made } = await tenant.call('POST', path, {
      body: { role: 'operator', section: 'first', expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
    })
    const { body: second } = await tenant.call('POST', `${path}/${made.id}/credentials`, {
      body: { section: 'second' },
    })
    expect((await tenant.call('POST', `${path}/${made.id}/credentials`)).status).toBe(409)
    await appendFile(join(home, 'edgerc'), `\n${made.edgerc}\n${second.edgerc}`)
    const clients = await Promise.all(['first', 'second'].map((name) => createTestClient(home, name)))
    const [before, after] = clients as [TestClient, TestClient]
    const account = (client: TestClient) => client.call('GET', '/certrail/v1/account')
    expect([(await account(before)).body.client.id, (await account(after)).body.client.id]).toEqual([
      made.id,
      made.id,
    ])
    const shown = async () => (await tenant.call('GET', `${path}/${made.id}`)).body
    expect((await shown()).credentials.map((one: { lastUsedAt: string | null }) => one.lastUsedAt)).toEqual([
      expect.any(String),
      expect.any(String),
    ])

    await tenant.call('DELETE', `${path}/${made.id}/credentials/${made.clientToken}`)
    expect(await refusalOf(before)).toEqual([401, 'Inactive client token'])
    expect((await account(after)).status).toBe(200)
    await tenant.call('PUT', `${path}/${made.id}`, { body: { disabled: true } })
    expect(await refusalOf(after)).toEqual([401, 'Inactive client token'])
    await tenant.call('PUT', `${path}/${made.id}`, {
      body: { disabled: false, expiresAt: '2020-01-01T00:00:00Z' },
    })
    expect(await refusalOf(after)).toEqual([401, 'Inactive client token'])
    expect(await shown()).toMatchObject({ disabled: false, expiresAt: '2020-01-01T00:00:00Z' })
    for (const client of clients) client.close()
  })

  it('an administrator cannot lock himself out', async () => {
    const own = await tenant.call('GET', '/certrail/v1/account')
    const path = `/certrail/v1/accounts/${tenantAccount}/clients/${own.body.client.id}`
    const { credentials } = (await tenant.call('GET', path)).body
    for (const answer of [
      await tenant.call('PUT', path, { body: { disabled: true } }),
      await tenant.call('PUT', path, { body: { expiresAt: '2020-01-01T00:00:00Z' } }),
      await tenant.call('DELETE', `${path}/credentials/${credentials[0].clientToken}`),
    ])
      expect([answer.status, answer.body.title]).toEqual([409, 'The client would lock itself out'])
    expect((await tenant.call('GET', path)).status).toBe(200)
  })

  it("the administrator's edgerc names the credential that took the place of the first", async () => {
    const { body: own } = await instance.client.call('GET', '/certrail/v1/account')
    const path = `/certrail/v1/accounts/${own.id}/clients/${own.client.id}`
    const { body: before } = await instance.client.call('GET', path)
    const { body: added } = await instance.client.call('POST', `${path}/credentials`)
    await instance.client.call('DELETE', `${path}/credentials/${before.credentials[0].clientToken}`)
    expect(await instance.stop()).toBe(0)
    instance = await startInstance(home)
    expect(await readFile(join(home, 'edgerc'), 'utf8')).toContain(added.clientToken)
    expect((await instance.client.call('GET', '/certrail/v1/account')).body.client.id).toBe(own.client.id)
  })
})

/** A client is looked up anew after two seconds. */
async function refusalOf(client: TestClient): Promise<readonly [number, string]> {
  for (;;) {
    const { status, body } = await client.call('GET', '/certrail/v1/account')
    if (status !== 200) return [status, body.detail]
  }
}
