import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/postgres/launcher.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'

const GONE_MS = process.env['CERTRAIL_TEST_LONG'] === '1' ? 30_000 : 3_000
const ASK_EVERY_MS = 100
/** As many as the worker carries at once. */
const IN_FLIGHT = 8

/** What jobs and requests are made to wait for when the database is about to go, so that it is certain that they are under way. */
const HELD = {
  'in the middle of a step': 'key_pairs',
  'while what came of it is saved': 'change_events',
} as const

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
    instance = await startInstance(home, {
      DATABASE_URL: database.connectionString(),
      // Without looks of its own a change that waits adds no job, so that the job before it is complete.
      CERTRAIL_SANDBOX_VALIDATION: 'acknowledged',
    })
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await database.stop()
    await Promise.all([removeHome(home), removeHome(databaseHome)])
  })

  /** Locks that end with the database. */
  async function hold(table: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: database.connectionString() })
    client.on('error', () => {})
    await client.connect()
    await client.query('begin')
    await client.query(`lock table ${table} in access exclusive mode`)
    return client
  }

  async function untilWaiting(client: pg.Client, table: string, count: number): Promise<void> {
    const waiting = `select from pg_locks where not granted and relation = $1::regclass`
    for (let look = 0; look < 400; look += 1) {
      if (((await client.query(waiting, [table])).rowCount ?? 0) >= count) return
      await pause(25)
    }
    throw new Error(`nothing waits for ${table}:\n${instance.output().slice(-3_000)}`)
  }

  /** Clients of every kind, all the time that it is gone. */
  async function askWhileGone(enrollment: string, served: string | null): Promise<void> {
    const { client, ready } = instance
    const end = Date.now() + GONE_MS
    while (Date.now() < end) {
      for (const address of [ready.staging, ready.production])
        expect(await servedFingerprint(address, 'live.gone.example')).toBe(served)
      const asked = await client.call('GET', enrollment, {
        accept: 'application/vnd.akamai.cps.enrollment.v11+json',
      })
      expect([asked.status, asked.headers['content-type'], asked.headers['retry-after']]).toEqual([
        503,
        'application/problem+json',
        '5',
      ])
      const readiness = await client.call('GET', '/certrail/v1/ready')
      expect(readiness.status).toBe(503)
      await pause(ASK_EVERY_MS)
    }
  }

  it('requests are told to come again, edges serve on, and every change that was begun goes on', {
    timeout: 240_000,
  }, async () => {
    const { client, ready } = instance
    const live = await createEnrollment(client, ready.contract, dvEnrollment('live.gone.example'))
    await acknowledgeChallenges(client, live.change)
    await followChange(client, live.change, ({ state }) => state === 'completed')
    const served = await servedFingerprint(ready.production, 'live.gone.example')

    for (const [index, [moment, table]] of Object.entries(HELD).entries()) {
      const names = Array.from({ length: IN_FLIGHT }, (_, count) => `n${count}.gone${index}.example`)
      const changes = await begin(names, moment)
      await database.stop()
      await askWhileGone(live.enrollment, served)
      expect(instance.output(), table).not.toContain('unhandled')
      database = await startDatabase()
      await Promise.all(changes.map(complete))
      for (const name of names) expect(await servedFingerprint(ready.production, name)).not.toBeNull()
    }
    expect(await servedFingerprint(ready.production, 'live.gone.example')).toBe(served)
    expect((await client.call('GET', '/certrail/v1/ready')).status).toBe(200)
  })

  /** Their jobs wait for a table when this returns. */
  async function begin(names: readonly string[], moment: string): Promise<readonly string[]> {
    const { client, ready } = instance
    const keys = await hold(HELD['in the middle of a step'])
    const created = await Promise.all(
      names.map((name) => createEnrollment(client, ready.contract, dvEnrollment(name))),
    )
    await untilWaiting(keys, HELD['in the middle of a step'], names.length)
    if (moment === 'while what came of it is saved') {
      const queue = await hold(HELD[moment])
      await keys.query('rollback')
      await keys.end()
      await untilWaiting(queue, HELD[moment], 1)
    }
    return created.map(({ change }) => change)
  }

  /** The change goes on by itself to where it needs somebody, and after that to its end. */
  async function complete(change: string): Promise<void> {
    await comesToRest(change)
    await acknowledgeChallenges(instance.client, change)
    const ended = await followChange(
      instance.client,
      change,
      ({ state }) => state === 'completed' || state === 'error',
    )
    expect(ended.body.statusInfo).toMatchObject({ state: 'completed', error: null })
  }

  /** Connections of the pool find out one by one that the server is another, and a step that failed is tried again. */
  async function comesToRest(change: string): Promise<void> {
    for (let look = 0; look < 900; look += 1) {
      const response = await readChange(instance.client, change)
      if (response.body?.statusInfo?.state === 'awaiting-input') return
      await pause(100)
    }
    throw new Error(`a change did not go on:\n${instance.output().slice(-6_000)}`)
  }
})
