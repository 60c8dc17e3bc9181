import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { join } from 'node:path'
import EdgeGrid from 'akamai-edgegrid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dvEnrollment } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'

const NAME = 'www.vendor.example'
const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

interface Answer {
  readonly status: number
  // oxlint-disable-next-line no-explicit-any -- looked into by path
  readonly body: any
}

describe("the vendor's npm client", () => {
  let home: string
  let instance: Instance
  let httpsAgent: Agent
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home)
    httpsAgent = new Agent({ ca: await readFile(join(home, 'root.pem')), keepAlive: true })
  })
  afterAll(async () => {
    httpsAgent.destroy()
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  /** Reads the edgerc of the home, signs and sends by itself, as in a customer's script. */
  function call(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Answer> {
    const client = new EdgeGrid({ path: join(home, 'edgerc'), section: 'cps' })
    client.auth({
      path,
      method,
      headers,
      ...(body !== undefined && { body: body as Record<string, unknown> }),
    })
    Object.assign(client.request, { httpsAgent, validateStatus: () => true, proxy: false })
    return new Promise((resolve, reject) => {
      client.send((error, response, text) => {
        if (response === undefined) reject(error ?? new Error('no answer'))
        else resolve({ status: response.status, body: JSON.parse(String(text)) })
      })
    })
  }

  it('carries an enrollment from the request to production', async () => {
    const created = await call(
      'POST',
      `/cps/v2/enrollments?contractId=${instance.ready.contract}`,
      { Accept: cps('enrollment-status.v1'), 'Content-Type': cps('enrollment.v11') },
      dvEnrollment(NAME),
    )
    expect(created.status).toBe(202)
    const [change] = created.body.changes
    const challenges = await call('GET', `${change}/input/info/lets-encrypt-challenges`, {
      Accept: cps('dv-challenges.v2'),
    })
    expect(challenges.body.dv[0].domain).toBe(NAME)
    const acknowledged = await call(
      'POST',
      `${change}/input/update/lets-encrypt-challenges-completed`,
      { Accept: cps('change-id.v1'), 'Content-Type': cps('acknowledgement.v1') },
      { acknowledgement: 'acknowledge' },
    )
    expect([acknowledged.status, acknowledged.body.change]).toEqual([200, change])
    const status = await call('GET', change, { Accept: cps('change.v2'), Prefer: 'wait=50' })
    expect(status.body.statusInfo).toMatchObject({ state: 'completed', status: 'complete', error: null })
    const contracts = await call('GET', '/contract-api/v1/contracts/identifiers?depth=TOP', {})
    expect(contracts.body).toEqual([instance.ready.contract])
    expect(await servedFingerprint(instance.ready.production, NAME)).not.toBeNull()
  })

  it('is told the title that clients compare when there is no such enrollment', async () => {
    const missing = await call('GET', '/cps/v2/enrollments/1', { Accept: cps('enrollment.v11') })
    expect([missing.status, missing.body.title]).toEqual([404, 'Not Found'])
  })
})
