import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'

const COUNT = 12

describe('two processes on one database', () => {
  let homes: string[]
  let database: TestDatabase
  let instances: Instance[]
  beforeAll(async () => {
    database = await createTestDatabase()
    homes = [await makeHome(), await makeHome()]
    const env = { DATABASE_URL: database.url, CERTRAIL_KEK_FILE: join(homes[0] ?? '', 'kek') }
    instances = await Promise.all(homes.map((home) => startInstance(home, env)))
  })
  afterAll(async () => {
    expect(await Promise.all(instances.map((instance) => instance.stop()))).toEqual([0, 0])
    await database.drop()
    await Promise.all(homes.map(removeHome))
  })

  it('starts as one: the same accounts, authorities and keys', async () => {
    const [one, other] = instances as [Instance, Instance]
    expect(other.ready.contract).toBe(one.ready.contract)
    const { rows } = await database.pool.query<{ count: string }>('select count(*) from data_keys')
    expect(Number(rows[0]?.count)).toBe(1)
  })

  it('carries changes wherever they were asked for, once each, and both edges serve them', async () => {
    const changes = await Promise.all(
      Array.from({ length: COUNT }, async (_, index) => {
        const asked = instances[index % 2] as Instance
        const other = instances[(index + 1) % 2] as Instance
        const created = await createEnrollment(
          asked.client,
          asked.ready.contract,
          dvEnrollment(`n${index}.two.example`),
        )
        await acknowledgeChallenges(other.client, created.change)
        return followChange(
          other.client,
          created.change,
          ({ state }) => state === 'completed' || state === 'error',
        )
      }),
    )
    expect(changes.map(({ body }) => body.statusInfo.state)).toEqual(
      Array.from({ length: COUNT }, () => 'completed'),
    )
    for (const table of ['sandbox_orders', 'certificates', 'key_pairs']) {
      const { rows } = await database.pool.query<{ count: string }>(`select count(*) from ${table}`)
      expect([table, Number(rows[0]?.count)]).toEqual([table, COUNT])
    }
    for (let index = 0; index < COUNT; index += 1) {
      const served = await Promise.all(
        instances.map(({ ready }) => servedFingerprint(ready.production, `n${index}.two.example`)),
      )
      expect(served[0]).not.toBeNull()
      expect(served[1]).toBe(served[0])
    }
  })
})
