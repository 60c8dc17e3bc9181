import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { driveToItsEnd } from '../support/drive.ts'
import { type Created, createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import { servedFingerprint, thirdPartyEnrollment } from '../support/third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
const NAME = 'www.flows.example'
const DEPLOYMENT = ['create-slot-files', 'live-check-action', 'deploy-cert-to-staging']
const END = ['deploy-cert-to-production', 'complete']

interface Flow {
  readonly name: string
  readonly first: Record<string, unknown>
  /** Starts the change that is to survive, on an enrollment that is live. Returns its location. */
  readonly begin: (instance: Instance, created: Created) => Promise<string>
  readonly steps: readonly string[]
  readonly staysServed: boolean
}

const put = async ({ client }: Instance, enrollment: string, body: unknown, query = ''): Promise<string> => {
  const response = await client.call('PUT', `${enrollment}${query}`, {
    accept: cps('enrollment-status.v1'),
    contentType: cps('enrollment.v11'),
    body,
  })
  return response.body.changes[0]
}

const ov = dvEnrollment(NAME, [], { ra: 'symantec', validationType: 'ov' })
const thirdParty = thirdPartyEnrollment(NAME, [], { changeManagement: true })
const dv = dvEnrollment(NAME)

const FLOWS: readonly Flow[] = [
  {
    name: 'renewal of an OV certificate',
    first: ov,
    begin: (instance, { enrollment }) => put(instance, enrollment, ov, '?force-renewal=true'),
    steps: ['pre-verification-safety-checks', 'generate-csr', 'check-for-cert', ...DEPLOYMENT, ...END],
    staysServed: true,
  },
  {
    name: 'third-party with change management',
    first: thirdParty,
    begin: (instance, { enrollment }) =>
      put(instance, enrollment, { ...thirdParty, csr: { ...thirdParty.csr, sans: [`api.${NAME}`] } }),
    steps: ['generate-csr', 'verify-third-party-cert', ...DEPLOYMENT, 'wait-ack-change-management', ...END],
    staysServed: true,
  },
  {
    name: 'settings alone',
    first: dv,
    begin: (instance, { enrollment }) =>
      put(instance, enrollment, {
        ...dv,
        networkConfiguration: { ...dv.networkConfiguration, quicEnabled: true },
      }),
    steps: ['deploy-changes-to-staging', ...END],
    staysServed: true,
  },
  {
    name: 'removal',
    first: dv,
    begin: async ({ client }, { enrollment }) => {
      const { body } = await client.call('DELETE', enrollment, { accept: cps('enrollment-status.v1') })
      return body.changes[0]
    },
    steps: ['deprovision-cert', 'delete-csr', 'abandon-slots-action', 'complete'],
    staysServed: false,
  },
]

const ALL = FLOWS.flatMap((flow) =>
  flow.steps.flatMap((step) =>
    ['before', 'after'].map((moment) => ({ flow, failpoint: `${moment}:${step}` })),
  ),
)
const SMALL_COUNT = 6
const seed = Number(process.env['CERTRAIL_TEST_SEED'] ?? 1)
/** A few in `npm test`, chosen by the run's seed; all of them in `npm run test:long`. */
const CASES =
  process.env['CERTRAIL_TEST_LONG'] === '1'
    ? ALL
    : Array.from(
        { length: SMALL_COUNT },
        (_, index) => ALL[(seed + index * 7) % ALL.length] as (typeof ALL)[number],
      )

describe('kill -9 inside the other flows', () => {
  let home: string
  let database: TestDatabase
  let authority: OutsideAuthority
  beforeAll(async () => {
    authority = await makeOutsideAuthority()
  })
  afterAll(() => authority.close())
  beforeEach(async () => {
    home = await makeHome()
    database = await createTestDatabase()
  })
  afterEach(async () => {
    await database.drop()
    await removeHome(home)
  })

  it.each(CASES)('$flow.name, $failpoint: the same end', async ({ flow, failpoint }) => {
    const env = { DATABASE_URL: database.url, CERTRAIL_SANDBOX_VETTING: 'PT0S' }
    const calm = await startInstance(home, env)
    const created = await createEnrollment(calm.client, calm.ready.contract, flow.first)
    expect((await driveToItsEnd(calm, created.change, authority)).state).toBe('completed')
    expect(await calm.stop()).toBe(0)

    const doomed = await startInstance(home, { ...env, CERTRAIL_FAILPOINT: failpoint })
    await flow
      .begin(doomed, created)
      .then((change) => driveToItsEnd(doomed, change, authority))
      .catch(() => null)
    expect((await doomed.exited).signal).toBe('SIGKILL')
    expect(doomed.output()).toContain('failpoint fired')

    const restarted = await startInstance(home, env)
    try {
      await finishWhatIsOpen(restarted, database, authority)
      const served = await servedFingerprint(restarted.ready.production, NAME)
      expect(served !== null).toBe(flow.staysServed)
      expect(await newestChange(database)).toMatchObject({
        state: 'completed',
        status: 'complete',
        effects: [],
      })
      expect(
        await countOf(database, `select from changes where state not in ('cancelled', 'completed')`),
      ).toBe(0)
      expect(await countOf(database, 'select from changes')).toBe(2)
    } finally {
      expect(await restarted.stop()).toBe(0)
    }
  })
})

/** The request that began the change may have died with the process: then the change is found in the database. */
async function finishWhatIsOpen(
  instance: Instance,
  { pool }: TestDatabase,
  authority: OutsideAuthority,
): Promise<void> {
  const { rows } = await pool.query<{ id: string; enrollment_id: string }>(
    'select id, enrollment_id from changes order by id desc limit 1',
  )
  const [newest] = rows
  if (newest === undefined) throw new Error('there is no change')
  await driveToItsEnd(instance, `/cps/v2/enrollments/${newest.enrollment_id}/changes/${newest.id}`, authority)
}

async function newestChange({ pool }: TestDatabase): Promise<unknown> {
  const { rows } = await pool.query('select state, status, effects from changes order by id desc limit 1')
  return rows[0]
}

async function countOf({ pool }: TestDatabase, query: string): Promise<number> {
  return (await pool.query(query)).rowCount ?? 0
}
