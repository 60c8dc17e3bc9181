import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { takeAwayRecords } from '../../src/app/take-away-records.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { HOUR, plus } from '../../src/domain/time.ts'
import { createTestDatabase } from '../support/database.ts'
import { createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { makeHome, removeHome, startInstance } from '../support/instance.ts'
import { hasNamed, type Named, startNamed } from '../support/named.ts'
import { dvSettings } from '../support/settings.ts'

const ZONE = 'zone.example'
const CLOSED = 'closed.example'
const SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0'
const never = new AbortController().signal
/** Of whole servers, on a machine that does much else. */
const TWO_STARTS_MS = 180_000
const PATIENCE = { timeout: 20_000, interval: 50 }
const ownerOf = (name: string) => `_acme-challenge.${name}`

describe.skipIf(!hasNamed)('DNS providers, against BIND (skipped when the program named is missing)', () => {
  let folder: string
  let named: Named
  let running: InProcess | null = null
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certrail-providers-'))
    named = await startNamed({
      keys: [{ name: 'certrail', secret: SECRET }],
      zones: {
        [ZONE]: { writers: ['certrail'] },
        [CLOSED]: { records: [`_acme-challenge.www CNAME www.${CLOSED}.${ZONE}.`] },
      },
    })
  })
  afterEach(async () => {
    await running?.close()
    running = null
  })
  afterAll(async () => {
    await named?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function providersFile(rows: readonly object[]): Promise<string> {
    const path = join(folder, 'providers.json')
    await writeFile(path, JSON.stringify(rows))
    return path
  }
  const updates = () => ({
    zone: ZONE,
    provider: 'rfc2136',
    server: `127.0.0.1:${named.port}`,
    keyFile: named.keyFile('certrail'),
  })

  async function start(rows: readonly object[]): Promise<InProcess> {
    running = await startInProcess({
      resolver: { host: '127.0.0.1', port: named.port },
      validationDnsPort: named.port,
      dnsProviders: await providersFile(rows),
      validation: {
        triggers: ['sight'],
        publishes: 'never',
        dwellMs: 0,
        preflight: { default: 'advise', accounts: new Map() },
      },
    })
    return running
  }

  const enroll = ({ useCases, caller }: InProcess, cn: string, sans: readonly string[] = []) =>
    useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(cn, sans),
      schedule: { notBefore: null, notAfter: null },
      allowDuplicateCn: false,
    })

  async function follow(
    { useCases, caller }: InProcess,
    ref: Awaited<ReturnType<typeof enroll>>,
    done: (change: { state: string; status: string }) => boolean,
  ) {
    let change = await useCases.getChange(caller, ref)
    for (let look = 0; look < 60 && !done(change); look += 1)
      change = await useCases.waitForChange(caller, ref, 1, never)
    return change
  }

  const hasEnded = ({ state }: { state: string }) => ['completed', 'error', 'cancelled'].includes(state)
  const rowsLeft = async ({ database }: InProcess) =>
    Number((await database.pool.query('select count(*) from placed_records')).rows[0]?.count)

  it('proves apex, wildcard and an aliased name without anybody’s help, and leaves nothing behind', async () => {
    const rig = await start([updates()])
    const ref = await enroll(rig, ZONE, [`*.${ZONE}`, `www.${CLOSED}`])
    expect(await follow(rig, ref, hasEnded)).toMatchObject({ state: 'completed' })
    const history = await rig.useCases.dvHistory(rig.caller, ref.enrollmentId)
    const proven = history.flatMap(({ generations }) =>
      generations.flatMap(({ challenges }) =>
        challenges.filter(({ status }) => status === 'valid').map(({ type }) => type),
      ),
    )
    expect(proven).toEqual(['dns-01', 'dns-01', 'dns-01'])
    await vi.waitFor(async () => expect(await rowsLeft(rig)).toBe(0), PATIENCE)
    expect(await named.texts(ownerOf(ZONE))).toEqual([])
    expect(await named.texts(`www.${CLOSED}.${ZONE}`)).toEqual([])
  })

  it('says what the provider said, and takes the record of a cancelled change away', async () => {
    const rig = await start([
      updates(),
      { ...updates(), zone: `deeper.${ZONE}` },
      { zone: `hand.${ZONE}`, provider: 'manual' },
    ])
    const names = [`good.${ZONE}`, `www.deeper.${ZONE}`, `www.hand.${ZONE}`]
    const ref = await enroll(rig, names[0] ?? '', names.slice(1))
    const looked = await vi.waitFor(async () => {
      const all = await rig.useCases.getChallenges(rig.caller, ref)
      expect(all.filter(({ status }) => status === 'failed-look')).toHaveLength(2)
      return all
    }, PATIENCE)
    const [good, deeper, hand] = names.map((name) => looked.find(({ domain }) => domain === name))
    expect(good?.status).toBe('valid')
    expect(deeper?.error).toContain(`did not update deeper.${ZONE}: NOTAUTH`)
    expect(hand?.error).toContain('no address: nxdomain')
    expect(await named.texts(ownerOf(names[2] ?? ''))).toEqual([])
    await rig.useCases.cancelChange(rig.caller, ref)
    await follow(rig, ref, hasEnded)
    await takeAwayRecords(later(rig), null, never)
    expect(await rowsLeft(rig)).toBe(1)
  })

  /** When everything that was put off is due again. */
  const later = ({ services: { deps } }: InProcess) => {
    const real = { now: () => plus(deps.clocks.real.now(), 24 * HOUR) }
    return { ...deps, clocks: { ...deps.clocks, real } }
  }

  it('a kill between the proof and the removal leaves nothing behind', {
    timeout: TWO_STARTS_MS,
  }, async () => {
    const [home, database] = await Promise.all([makeHome(), createTestDatabase()])
    const env = {
      DATABASE_URL: database.url,
      CERTRAIL_RESOLVER: `127.0.0.1:${named.port}`,
      CERTRAIL_VALIDATION_DNS_PORT: String(named.port),
      CERTRAIL_SANDBOX_VALIDATION: 'placed',
      CERTRAIL_DNS_PROVIDERS: await providersFile([updates()]),
    }
    const name = `crash.${ZONE}`
    const doomed = await startInstance(home, { ...env, CERTRAIL_FAILPOINT: 'after:check-validation' })
    await createEnrollment(doomed.client, doomed.ready.contract, dvEnrollment(name)).catch(() => undefined)
    expect((await doomed.exited).signal).toBe('SIGKILL')
    expect(await named.texts(ownerOf(name))).toHaveLength(1)
    const revived = await startInstance(home, env)
    const { body } = await revived.client.call(
      'GET',
      `/cps/v2/enrollments?contractId=${revived.ready.contract}`,
      {
        accept: 'application/vnd.akamai.cps.enrollments.v11+json',
      },
    )
    const change = body.enrollments[0].pendingChanges[0].location
    const ended = await followChange(revived.client, change, ({ state }) => state === 'completed')
    expect(ended.body.statusInfo.state).toBe('completed')
    await vi.waitFor(async () => expect(await named.texts(ownerOf(name))).toEqual([]), PATIENCE)
    await revived.stop()
    await database.drop()
    await removeHome(home)
  })
})
