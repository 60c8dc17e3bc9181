import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'

const ACTIVE = '/cps/v2/active-certificates'
/** CPS API: active-certificates in any minute, for an account. */
const A_MINUTE = 10

describe('rate limits of two servers on one database', () => {
  let homes: string[]
  let database: TestDatabase
  let instances: readonly [Instance, Instance]
  beforeAll(async () => {
    database = await createTestDatabase()
    homes = [await makeHome(), await makeHome()]
    const env = {
      DATABASE_URL: database.url,
      CERTRAIL_KEK_FILE: join(homes[0] ?? '', 'kek'),
      CERTRAIL_RATE_LIMITS: 'cps',
    }
    const [one, other] = await Promise.all(homes.map((home) => startInstance(home, env)))
    instances = [one as Instance, other as Instance]
  })
  afterAll(async () => {
    expect(await Promise.all(instances.map((instance) => instance.stop()))).toEqual([0, 0])
    await database.drop()
    await Promise.all(homes.map(removeHome))
  })

  it('are over both: calls that go to the one and to the other at once use up the same minute, of their account alone', async () => {
    const [one, other] = instances
    const made = await one.client.call('POST', '/certrail/v1/accounts', {
      body: { name: 'Other', switchKey: '1-OTHER:1-8BYUX' },
    })
    expect(made.status).toBe(201)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => [
        one.client.call('GET', ACTIVE),
        other.client.call('GET', ACTIVE),
      ]).flat(),
    )
    const admitted = answers.filter(({ status }) => status === 200)
    expect(admitted).toHaveLength(A_MINUTE)
    // Each number once: neither server counts for itself.
    const left = admitted.map(({ headers }) => Number(headers['x-ratelimit-remaining']))
    expect(left.toSorted((first, second) => first - second)).toEqual(
      Array.from({ length: A_MINUTE }, (_, remaining) => remaining),
    )
    const refused = answers.filter(({ status }) => status !== 200)
    for (const { status, body, headers } of refused) {
      expect([status, body.title]).toEqual([429, 'HTTP 429 - Too many requests'])
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    }
    // Both say when the minute of the very same calls has passed.
    expect(new Set(refused.map(({ headers }) => headers['x-ratelimit-next'])).size).toBe(1)
    for (const { client } of instances) {
      const switched = await client.call('GET', `${ACTIVE}?accountSwitchKey=1-OTHER%3A1-8BYUX`)
      expect(switched.status).toBe(200)
    }
  })
})
