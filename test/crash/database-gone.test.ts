import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/postgres/launcher.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'

/** How often production is asked while the database is away; each time is a full handshake. */
const HANDSHAKES = 50

describe('the database goes away and comes back', () => {
  let databaseHome: string
  let home: string
  let database: EmbeddedPostgres
  let instance: Instance
  const startDatabase = () =>
    startEmbeddedPostgres({ homeDirectory: databaseHome, log: () => {}, onUnexpectedExit: () => {} })

  beforeAll(async () => {
    databaseHome = await makeHome()
    home = await makeHome()
    database = await startDatabase()
    instance = await startInstance(home, { DATABASE_URL: database.connectionString() })
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await database.stop()
    await Promise.all([removeHome(home), removeHome(databaseHome)])
  })

  it('production serves what it served, and what was begun goes on', async () => {
    const { client, ready } = instance
    const live = await createEnrollment(client, ready.contract, dvEnrollment('live.gone.example'))
    await acknowledgeChallenges(client, live.change)
    await followChange(client, live.change, ({ state }) => state === 'completed')
    const served = await servedFingerprint(ready.production, 'live.gone.example')
    const begun = await createEnrollment(client, ready.contract, dvEnrollment('begun.gone.example'))

    await database.stop()
    for (let index = 0; index < HANDSHAKES; index += 1) {
      expect(
        await servedFingerprint(ready.production, 'live.gone.example'),
        instance.output().slice(-3000),
      ).toBe(served)
    }
    const unavailable = await client.call('GET', live.enrollment, {
      accept: 'application/vnd.akamai.cps.enrollment.v11+json',
    })
    expect([unavailable.status, unavailable.headers['content-type']]).toEqual([
      503,
      'application/problem+json',
    ])

    database = await startDatabase()
    await acknowledgeAgain(begun.change)
    await followChange(client, begun.change, ({ state }) => state === 'completed')
    expect(await servedFingerprint(ready.production, 'begun.gone.example')).not.toBeNull()
    expect(await servedFingerprint(ready.production, 'live.gone.example')).toBe(served)
  })

  /** Connections of the pool find out one by one that the server is another. */
  async function acknowledgeAgain(change: string): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const response = await acknowledgeChallenges(instance.client, change)
      if (response.status === 200) return
    }
    throw new Error(`the API did not come back:\n${instance.output().slice(-4_000)}`)
  }
})
