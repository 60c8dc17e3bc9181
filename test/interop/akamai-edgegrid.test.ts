import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dvEnrollment } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'
import { createVendorClient, type VendorClient } from '../support/vendor-client.ts'

const NAME = 'www.vendor.example'
const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

describe("the vendor's npm client", () => {
  let home: string
  let instance: Instance
  let client: VendorClient
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home)
    client = await createVendorClient(home)
  })
  afterAll(async () => {
    client.close()
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  it('carries an enrollment from the request to production', async () => {
    const created = await client.call(
      'POST',
      `/cps/v2/enrollments?contractId=${instance.ready.contract}`,
      { Accept: cps('enrollment-status.v1'), 'Content-Type': cps('enrollment.v11') },
      dvEnrollment(NAME),
    )
    expect(created.status).toBe(202)
    const [change] = created.body.changes
    const challenges = await client.call('GET', `${change}/input/info/lets-encrypt-challenges`, {
      Accept: cps('dv-challenges.v2'),
    })
    expect(challenges.body.dv[0].domain).toBe(NAME)
    const acknowledged = await client.call(
      'POST',
      `${change}/input/update/lets-encrypt-challenges-completed`,
      { Accept: cps('change-id.v1'), 'Content-Type': cps('acknowledgement.v1') },
      { acknowledgement: 'acknowledge' },
    )
    expect([acknowledged.status, acknowledged.body.change]).toEqual([200, change])
    const status = await client.call('GET', change, { Accept: cps('change.v2'), Prefer: 'wait=50' })
    expect(status.body.statusInfo).toMatchObject({ state: 'completed', status: 'complete', error: null })
    const contracts = await client.call('GET', '/contract-api/v1/contracts/identifiers?depth=TOP', {})
    expect(contracts.body).toEqual([instance.ready.contract])
    expect(await servedFingerprint(instance.ready.production, NAME)).not.toBeNull()
  })

  it('is told the title that clients compare when there is no such enrollment', async () => {
    const missing = await client.call('GET', '/cps/v2/enrollments/1', { Accept: cps('enrollment.v11') })
    expect([missing.status, missing.body.title]).toEqual([404, 'Not Found'])
  })
})
