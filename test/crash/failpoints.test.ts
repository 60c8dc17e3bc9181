import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CHANGE_STATUSES } from '../../src/domain/change/vocabulary.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'

/** Every step of the DV flow, by its status; domain validation has two effects. */
const STEPS = [
  'pre-verification-safety-checks',
  'generate-csr',
  'place-order',
  'check-validation',
  'check-for-cert',
  'create-slot-files',
  'live-check-action',
  'deploy-cert-to-staging',
  'deploy-cert-to-production',
  'complete',
] as const
const FAILPOINTS = STEPS.flatMap((step) => [`before:${step}`, `after:${step}`])

const NAME = 'crash.example'

describe('kill -9 at every step of the DV flow', () => {
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

  it('covers every status that the flow passes', () => {
    const passed = CHANGE_STATUSES.filter((status) => STEPS.some((step) => step === status))
    expect(passed.length).toBe(STEPS.length - 2)
  })

  it.each(FAILPOINTS)(
    '%s: fires once, and after a restart there is one certificate, one order, the same end',
    async (failpoint) => {
      const env = { CERTRAIL_FAILPOINT: failpoint, DATABASE_URL: database.url }
      const killed = await startInstance(home, env)
      const change = await driveUntilKilled(killed)
      expect((await killed.exited).signal).toBe('SIGKILL')
      expect(killed.output()).toContain('failpoint fired')

      const restarted = await startInstance(home, env)
      try {
        await finish(restarted, change)
        await expectOneOfEach(restarted, change)
        for (const table of ['changes', 'sandbox_orders', 'certificates', 'key_pairs']) {
          expect([table, await countRows(database, table)]).toEqual([table, 1])
        }
      } finally {
        expect(await restarted.stop()).toBe(0)
      }
    },
  )
})

/** The request that meets the kill fails, and that is what a client would see: what matters is what it finds afterwards. */
async function driveUntilKilled(instance: Instance): Promise<string | null> {
  const { client, ready } = instance
  try {
    const { change } = await createEnrollment(client, ready.contract, dvEnrollment(NAME))
    await acknowledgeChallenges(client, change).catch(() => null)
    return change
  } catch {
    return null
  } finally {
    await instance.exited
  }
}

async function countRows({ pool }: TestDatabase, table: string): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(`select count(*) from ${table}`)
  return Number(rows[0]?.count)
}

async function finish({ client }: Instance, known: string | null): Promise<void> {
  const change = known ?? (await pendingChange(client))
  const resting = await followChange(
    client,
    change,
    ({ state }) => state === 'awaiting-input' || state === 'completed' || state === 'error',
  )
  if (resting.body.statusInfo.state === 'awaiting-input') await acknowledgeChallenges(client, change)
  const ended = await followChange(client, change, ({ state }) => state === 'completed' || state === 'error')
  expect(ended.body.statusInfo).toMatchObject({ state: 'completed', status: 'complete', error: null })
}

async function pendingChange(client: Instance['client']): Promise<string> {
  const list = await client.call('GET', '/cps/v2/enrollments', {
    accept: 'application/vnd.akamai.cps.enrollments.v11+json',
  })
  expect(list.body.enrollments.length).toBe(1)
  const [enrollment] = list.body.enrollments
  return enrollment.pendingChanges[0]?.location ?? ''
}

async function expectOneOfEach(instance: Instance, known: string | null): Promise<void> {
  const list = await instance.client.call('GET', '/cps/v2/enrollments', {
    accept: 'application/vnd.akamai.cps.enrollments.v11+json',
  })
  expect(list.body.enrollments.length).toBe(1)
  const { location, pendingChanges } = list.body.enrollments[0]
  expect(pendingChanges).toEqual([])
  const deployments = await instance.client.call('GET', `${location}/deployments`, {
    accept: 'application/vnd.akamai.cps.deployments.v8+json',
  })
  const [staging, production] = [deployments.body.staging, deployments.body.production]
  expect(staging.primaryCertificate.certificate).toBe(production.primaryCertificate.certificate)
  if (known !== null)
    expect((await readChange(instance.client, known)).body.statusInfo.state).toBe('completed')
}
