import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolver } from '../../src/dns/resolver.ts'
import { cps } from '../support/api-calls.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { dvEnrollment, followChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { createNodeRandom } from '../support/node-random.ts'
import { servedFingerprint } from '../support/third-party.ts'
import { createVendorClient, type VendorClient } from '../support/vendor-client.ts'

const ZONE = 'pipeline.example'
const NAME = `www.${ZONE}`
const OWNER = `_acme-challenge.${NAME}`
/** The name as the challenge says it, dot and all. */
const RECORD = `/config-dns/v2/zones/${ZONE}/names/${OWNER}./types/TXT`

/** What a pipeline does that places its challenge with the provider's own DNS resources. Nothing answers for it: the CA asks for the record and finds it. */
describe('a DNS challenge that is placed through the Edge DNS API', () => {
  let homes: string[]
  let database: TestDatabase
  let instances: Instance[]
  let client: VendorClient
  beforeAll(async () => {
    database = await createTestDatabase()
    homes = [await makeHome(), await makeHome()]
    const env = {
      DATABASE_URL: database.url,
      CERTRAIL_KEK_FILE: join(homes[0] ?? '', 'kek'),
      CERTRAIL_SANDBOX_VALIDATION: 'placed',
    }
    instances = await Promise.all(homes.map((home) => startInstance(home, env)))
    client = await createVendorClient(homes[0] ?? '')
  })
  afterAll(async () => {
    client.close()
    expect(await Promise.all(instances.map((instance) => instance.stop()))).toEqual([0, 0])
    await database.drop()
    await Promise.all(homes.map(removeHome))
  })

  const record = (rdata: readonly string[]) => ({ name: OWNER, type: 'TXT', ttl: 60, rdata })
  const acknowledge = (change: string) =>
    client.call(
      'POST',
      `${change}/input/update/lets-encrypt-challenges-completed`,
      { Accept: cps('change-id.v1'), 'Content-Type': cps('acknowledgement.v1') },
      { acknowledgement: 'acknowledge' },
    )

  it('is validated by a real query, and by nothing else', async () => {
    const [one] = instances as [Instance, Instance]
    const zone = await client.call(
      'POST',
      `/config-dns/v2/zones?contractId=${one.ready.contract}&gid=1`,
      { 'Content-Type': 'application/json' },
      { zone: ZONE, type: 'PRIMARY', comment: 'a pipeline', signAndServe: false },
    )
    expect([zone.status, zone.body]).toMatchObject([201, { zone: ZONE, activationState: 'ACTIVE' }])
    const created = await client.call(
      'POST',
      `/cps/v2/enrollments?contractId=${one.ready.contract}`,
      { Accept: cps('enrollment-status.v1'), 'Content-Type': cps('enrollment.v11') },
      dvEnrollment(NAME),
    )
    expect(created.status).toBe(202)
    const [change] = created.body.changes
    const { body } = await client.call('GET', `${change}/input/info/lets-encrypt-challenges`, {
      Accept: cps('dv-challenges.v2'),
    })
    const challenge = body.dv[0].challenges.find(({ type }: { type: string }) => type === 'dns-01')
    expect(challenge.fullPath).toBe(`${OWNER}.`)

    expect((await acknowledge(change)).status).toBe(200)
    const wrong = await client.call('POST', RECORD, {}, record(['"another value"']))
    expect(wrong.status).toBe(201)
    expect((await acknowledge(change)).status).toBe(200)
    const waiting = await client.call('GET', change, { Accept: cps('change.v2') })
    expect(waiting.body.statusInfo.status).toBe('coodinate-domain-validation')

    const begun = performance.now()
    const right = await client.call('PUT', RECORD, {}, record([`"${challenge.responseBody}"`]))
    expect(right.status).toBe(200)
    const next = await client.call('GET', change, { Accept: cps('change.v2') })
    // The provider's next look, which takes a change on its way for one that never ends. After a second every call answers.
    if (performance.now() - begun < 1_000) expect(next.body.statusInfo.status).toBe('complete')
    // Nobody has to say so: what is placed is looked for.
    const done = await followChange(one.client, change, ({ state }) => ['completed', 'error'].includes(state))
    expect(done.body.statusInfo).toMatchObject({ state: 'completed', error: null })
    expect(await servedFingerprint(one.ready.production, NAME)).not.toBeNull()
    expect((await client.call('DELETE', RECORD)).status).toBe(204)
    expect((await client.call('GET', RECORD)).status).toBe(404)
  })

  it('is answered alike by every process', async () => {
    const texts = async () =>
      Promise.all(
        instances.map(({ ready }) => {
          const [host = '', port] = ready.dns.split(':')
          const resolver = createResolver({
            servers: [{ host, port: Number(port) }],
            timeoutMs: 5_000,
            random: createNodeRandom(),
          })
          return resolver.query(OWNER, 'TXT')
        }),
      )
    const there = { outcome: 'records', name: OWNER, records: ['x'] }
    expect((await client.call('POST', RECORD, {}, record(['"x"']))).status).toBe(201)
    expect(await texts()).toEqual([there, there])
    expect((await client.call('DELETE', RECORD)).status).toBe(204)
    expect((await texts()).map(({ outcome }) => outcome)).toEqual(['nxdomain', 'nxdomain'])
  })
})
