import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'

const DAY = 86_400_000
const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

describe('kill -9 while the clock is advanced', () => {
  let home: string
  let database: TestDatabase
  beforeEach(async () => {
    home = await makeHome()
    database = await createTestDatabase()
  })
  afterEach(async () => {
    await database.drop()
    await removeHome(home)
  })

  const clockOf = async ({ client }: Instance): Promise<number> =>
    Date.parse((await client.call('GET', '/certrail/v1/clock')).body.now)
  const eventAt = async (change: string, event: string): Promise<number> => {
    const { rows } = await database.pool.query<{ at: string }>(
      'select at from change_events where change_id = $1 and event = $2',
      [change.split('/').at(-1), event],
    )
    expect(rows.length).toBe(1)
    return Number(rows[0]?.at)
  }

  async function begin({ client, ready }: Instance) {
    const date = new Date((await clockOf({ client } as Instance)) + 2 * DAY).toISOString().slice(0, 10)
    const held = await client.call(
      'POST',
      `/cps/v2/enrollments?contractId=${ready.contract}&deploy-not-before=${date}`,
      {
        accept: cps('enrollment-status.v1'),
        contentType: cps('enrollment.v11'),
        body: dvEnrollment('held.clock.example'),
      },
    )
    const [heldChange] = held.body.changes
    await acknowledgeChallenges(client, heldChange)
    await followChange(client, heldChange, ({ state }) => state === 'suspended')
    const dwelling = await createEnrollment(client, ready.contract, dvEnrollment('dwell.clock.example'))
    return { dwelling: dwelling.change, held: heldChange as string, date: Date.parse(date) }
  }

  /** The advance that was interrupted goes on by itself; nobody asks for it again. */
  async function reached(instance: Instance, target: number): Promise<number> {
    for (let look = 0; look < 400; look += 1) {
      const now = await clockOf(instance)
      if (now >= target) return now
      await pause(50)
    }
    throw new Error(`the clock does not reach its target:\n${instance.output().slice(-3_000)}`)
  }

  it.each(['before:check-validation', 'during:deploy-cert-to-production'])(
    '%s: after a restart the target is reached, and what was due on the way has happened at its moment',
    async (failpoint) => {
      const env = { DATABASE_URL: database.url }
      const calm = await startInstance(home, env)
      const { dwelling, held, date } = await begin(calm)
      expect(await calm.stop()).toBe(0)

      const doomed = await startInstance(home, { ...env, CERTRAIL_FAILPOINT: failpoint })
      const from = await clockOf(doomed)
      const target = from + 10 * DAY
      const advanced = await doomed.client
        .call('POST', '/certrail/v1/clock/advance', { body: { to: new Date(target).toISOString() } })
        .catch(() => null)
      expect([advanced, (await doomed.exited).signal]).toEqual([null, 'SIGKILL'])
      expect(doomed.output()).toContain('failpoint fired')

      const restarted = await startInstance(home, env)
      try {
        const now = await reached(restarted, target)
        expect(now - target).toBeLessThan(60_000)
        for (const change of [dwelling, held])
          await followChange(restarted.client, change, ({ state }) => state === 'completed')
        const dwelt = await eventAt(dwelling, 'production-deployed')
        expect([dwelt >= from, dwelt < from + 60_000]).toEqual([true, true])
        expect(await eventAt(held, 'window-opened')).toBe(date)
        const { rows } = await database.pool.query('select target, standing_at from lifecycle_clock')
        expect(rows).toEqual([{ target: null, standing_at: null }])
      } finally {
        expect(await restarted.stop()).toBe(0)
      }
    },
  )

  it('another call first brings the clock where the interrupted one was going', async () => {
    const env = { DATABASE_URL: database.url }
    const instance = await startInstance(home, env)
    try {
      const target = (await clockOf(instance)) + 5 * DAY
      await database.pool.query('update lifecycle_clock set target = $1', [target])
      const { body } = await instance.client.call('POST', '/certrail/v1/clock/advance', {
        body: { by: 'PT1H' },
      })
      expect(Date.parse(body.now)).toBeGreaterThanOrEqual(target + 3_600_000)
    } finally {
      expect(await instance.stop()).toBe(0)
    }
  })
})
