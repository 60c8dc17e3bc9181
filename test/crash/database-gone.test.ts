import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { type Held, type LosableDatabase, type Loss, startLosableDatabase } from '../support/lost-database.ts'
import { servedFingerprint } from '../support/third-party.ts'

const IS_LONG = process.env['CERTRAIL_TEST_LONG'] === '1'
const GONE_MS = IS_LONG ? 30_000 : 1_000
const ASK_EVERY_MS = 100
/** As many as the worker carries at once. */
const IN_FLIGHT = 8
const LIVE = 'live.gone.example'
const STOPS_WITHIN_MS = 10_000
const enrollmentType = { accept: 'application/vnd.akamai.cps.enrollment.v11+json' }

/** What jobs are made to wait for when the database is about to go, so that it is certain that they are under way. */
const MOMENTS = [
  { moment: 'in the middle of a step', table: 'key_pairs' },
  { moment: 'while what came of it is saved', table: 'change_events' },
] as const
const WAYS = ['is stopped', 'is killed', 'is cut off', 'falls silent']
/** All of them in the long form; else each way in one of the moments. */
const CASES = WAYS.flatMap((way, index) =>
  MOMENTS.filter((_, other) => IS_LONG || other === index % MOMENTS.length).map((moment) => ({
    way,
    ...moment,
  })),
)

describe('the database goes away and comes back', () => {
  let home: string
  let database: LosableDatabase
  let instance: Instance
  let live: { readonly enrollment: string; readonly served: string | null }
  let count = 0
  const env = () => ({
    DATABASE_URL: database.url,
    // Without looks of its own a change rests until it is acknowledged.
    CERTRAIL_SANDBOX_VALIDATION: 'acknowledged',
  })

  beforeAll(async () => {
    database = await startLosableDatabase()
    home = await makeHome()
    instance = await startInstance(home, env())
    const { client, ready } = instance
    const { enrollment, change } = await createEnrollment(client, ready.contract, dvEnrollment(LIVE))
    await complete(change)
    live = { enrollment, served: await servedFingerprint(ready.production, LIVE) }
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await database.close()
    await removeHome(home)
  })

  const lossOf = (way: string): Loss => {
    const loss = database.losses.find(({ name }) => name === way)
    if (loss === undefined) throw new Error(`no loss ${way}`)
    return loss
  }

  it.each(CASES)(
    '$way $moment: requests are told to come again, edges serve on, and every change goes on',
    { timeout: 180_000 },
    async ({ way, table }) => {
      const loss = lossOf(way)
      const names = newNames()
      const { changes, held } = await begin(names, table)
      await loss.take()
      await (way === 'falls silent' ? listenToSilence() : askWhileGone())
      await held.letGo()
      await loss.giveBack()
      await Promise.all(changes.map(complete))
      for (const name of names)
        expect(await servedFingerprint(instance.ready.production, name)).not.toBeNull()
      expect(await servedFingerprint(instance.ready.production, LIVE)).toBe(live.served)
      expect((await instance.client.call('GET', '/certrail/v1/ready')).status).toBe(200)
      expect(await database.countEvents('step-failed')).toBe(0)
      expect(instance.output()).not.toContain('unhandled')
    },
  )

  it.each(['is cut off', 'falls silent'])(
    '%s: the stop is bounded, and after the next start what was under way goes on',
    { timeout: 180_000 },
    async (way) => {
      const loss = lossOf(way)
      const { changes, held } = await begin(newNames(), 'key_pairs')
      await loss.take()
      const asked = performance.now()
      expect(await instance.stop()).toBe(0)
      expect(performance.now() - asked).toBeLessThan(STOPS_WITHIN_MS)
      await held.letGo()
      await loss.giveBack()
      instance = await startInstance(home, env())
      await Promise.all(changes.map(complete))
      expect(await servedFingerprint(instance.ready.production, LIVE)).toBe(live.served)
    },
  )

  const newNames = (): readonly string[] =>
    Array.from({ length: IN_FLIGHT }, () => `n${(count += 1)}.gone${count}.example`)

  /** Their steps wait for the table when this returns. */
  async function begin(
    names: readonly string[],
    table: (typeof MOMENTS)[number]['table'],
  ): Promise<{ readonly changes: readonly string[]; readonly held: Held }> {
    const { client, ready } = instance
    const keys = await database.hold('key_pairs')
    const created = await Promise.all(
      names.map((name) => createEnrollment(client, ready.contract, dvEnrollment(name))),
    )
    await keys.untilWaiting(names.length)
    const changes = created.map(({ change }) => change)
    if (table === 'key_pairs') return { changes, held: keys }
    const held = await database.hold(table)
    await keys.letGo()
    await held.untilWaiting(names.length)
    return { changes, held }
  }

  async function expectServed(): Promise<void> {
    for (const address of [instance.ready.staging, instance.ready.production])
      expect(await servedFingerprint(address, LIVE)).toBe(live.served)
  }

  async function askWhileGone(): Promise<void> {
    const { client } = instance
    for (const end = performance.now() + GONE_MS; performance.now() < end; ) {
      await expectServed()
      const asked = await client.call('GET', live.enrollment, enrollmentType)
      expect([asked.status, asked.headers['content-type'], asked.headers['retry-after']]).toEqual([
        503,
        'application/problem+json',
        '5',
      ])
      expect((await client.call('GET', '/certrail/v1/ready')).status).toBe(503)
      await pause(ASK_EVERY_MS)
    }
  }

  /** Nothing says that anything is wrong, so that requests are answered late, by the silence's end or its limit. */
  async function listenToSilence(): Promise<void> {
    for (const end = performance.now() + GONE_MS; performance.now() < end; ) {
      await expectServed()
      expect((await instance.client.call('GET', '/certrail/v1/ready')).status).toBe(503)
      await pause(ASK_EVERY_MS)
    }
  }

  /** The change goes on by itself to where it needs somebody, and after that to its end. */
  async function complete(change: string): Promise<void> {
    await comesToRest(change)
    const ends = ['completed', 'error']
    let state = 'awaiting-input'
    while (!ends.includes(state)) {
      // Again where a look had no answer in time, as it happens on a busy machine: a person who acknowledged would see it and do the same.
      if (state === 'awaiting-input')
        expect((await acknowledgeChallenges(instance.client, change)).status).toBe(200)
      const settled = ({ state: now }: { state: string }) => now !== 'running'
      state = (await followChange(instance.client, change, settled)).body.statusInfo.state
    }
    expect(state).toBe('completed')
  }

  /** Connections of the pool find out one by one that the server is another. */
  async function comesToRest(change: string): Promise<void> {
    for (let look = 0; look < 900; look += 1) {
      const response = await readChange(instance.client, change)
      if (response.body?.statusInfo?.state === 'awaiting-input') return
      await pause(ASK_EVERY_MS)
    }
    throw new Error(`a change did not go on:\n${instance.output().slice(-6_000)}`)
  }
})
