import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { ordersOf, productionOf } from '../support/live-instance.ts'
import { hasNamed, type Named, startNamed } from '../support/named.ts'
import { hasPebble, type Pebble, startPebble } from '../support/pebble.ts'

const ZONE = 'pair.example'
/** Each process signs with a key of its own, so that BIND's log says who wrote what. */
const KEYS = ['one', 'other'] as const
type Key = (typeof KEYS)[number]
const SECRETS = { one: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', other: 'b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Ro' }
/** Of three starts and a proof, on a machine that does much else. */
const TIMEOUT_MS = 300_000
const FIRES_WITHIN_MS = 60_000
const PATIENCE = { timeout: 120_000, interval: 100 }

const namesOf = (label: string): readonly [string, ...string[]] => [
  `${label}.${ZONE}`,
  `www.${label}.${ZONE}`,
  `*.${label}.${ZONE}`,
]
const ownersOf = (label: string): readonly string[] => [
  `_acme-challenge.${label}.${ZONE}`,
  `_acme-challenge.www.${label}.${ZONE}`,
]

/** Whoever asks while the process is killed hears nothing; any other failure is one. */
function onlyUnheard(error: unknown): void {
  if (!(error instanceof Error && 'code' in error)) throw error
}

async function enrollmentOf({ client, ready }: Instance, cn: string): Promise<string> {
  const { body } = await client.call('GET', `/cps/v2/enrollments?contractId=${ready.contract}`, {
    accept: 'application/vnd.akamai.cps.enrollments.v11+json',
  })
  return body.enrollments.find((one: { csr: { cn: string } }) => one.csr.cn === cn).location
}

interface Written {
  readonly by: Key
  readonly what: 'adding' | 'deleting'
  readonly owner: string
}

/** As `named -g` tells updates: `client … 127.0.0.1#4711/key one: updating zone 'pair.example/IN': adding an RR at 'OWNER' TXT "…"`. */
function writtenTo(named: Named): readonly Written[] {
  const line = /\/key (one|other): updating zone '[^']+': (adding|deleting) an? (?:RR|rr)\b.* at '?([^' ]+)/g
  return [...named.log().matchAll(line)].map(([, by, what, owner]) => ({
    by: by as Key,
    what: what as Written['what'],
    owner: owner ?? '',
  }))
}

describe.skipIf(!hasNamed || !hasPebble)(
  'DNS providers, two processes, against BIND and a real ACME server (skipped when named or pebble is missing)',
  () => {
    let folder: string
    let named: Named
    let pebble: Pebble
    let database: TestDatabase
    let homes: readonly string[]
    /** Work and answer; the edges are a process of their own, since a push waits for an edge that dies. */
    let workers: readonly Instance[]
    let edge: Instance | null

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'certrail-pair-'))
      named = await startNamed({
        keys: KEYS.map((name) => ({ name, secret: SECRETS[name] })),
        zones: { [ZONE]: { writers: KEYS } },
      })
      // Nothing but what stands in the zone can prove a name: it has no address.
      pebble = await startPebble({ httpPort: 1, dnsPort: named.port, nonceReject: 5, authorizationReuse: 0 })
      database = await createTestDatabase()
      homes = await Promise.all(['edge', ...KEYS].map(makeHome))
      workers = []
      edge = null
    })
    afterEach(async () => {
      await Promise.all([...workers, ...(edge === null ? [] : [edge])].map(stopped))
      await database.drop()
      await Promise.all([...homes, folder].map(removeHome))
      await pebble.close()
      await named.close()
      await rm(folder, { recursive: true, force: true })
    })

    const stopped = async (instance: Instance): Promise<void> => {
      instance.client.close()
      await instance.stop()
    }

    async function startPair(env: Readonly<Record<string, string>> = {}): Promise<void> {
      const [first = '', ...others] = homes
      edge = await startInstance(first, { ...liveSettings(), CERTRAIL_ROLES: 'edge' })
      workers = await Promise.all(
        KEYS.map(async (key, index) => {
          const providers = join(folder, `${key}.json`)
          const server = `127.0.0.1:${named.port}`
          const row = { zone: ZONE, provider: 'rfc2136', server, keyFile: named.keyFile(key) }
          await writeFile(providers, JSON.stringify([row]))
          return startInstance(others[index] ?? '', {
            ...liveSettings(),
            CERTRAIL_ROLES: 'api,jobs',
            CERTRAIL_DNS_PROVIDERS: providers,
            ...env,
          })
        }),
      )
    }

    const liveSettings = (): Readonly<Record<string, string>> => ({
      CERTRAIL_MODE: 'live',
      CERTRAIL_RATE_LIMITS: 'off',
      CERTRAIL_HOST: '127.0.0.1',
      CERTRAIL_RESOLVER: `127.0.0.1:${named.port}`,
      CERTRAIL_VALIDATION_DNS_PORT: String(named.port),
      CERTRAIL_ACME_DIRECTORY: pebble.directoryUrl,
      CERTRAIL_ACME_CA_FILE: pebble.caFile,
      CERTRAIL_ALLOW_PRIVATE_TARGETS: 'true',
      CERTRAIL_KEK_FILE: join(folder, 'kek'),
      DATABASE_URL: database.url,
    })

    const enroll = (instance: Instance, [cn, ...sans]: readonly [string, ...string[]]) =>
      createEnrollment(instance.client, instance.ready.contract, dvEnrollment(cn, sans))

    async function indexOfTheDead(): Promise<number> {
      const exits = workers.map(({ exited }, index) => exited.then(({ signal }) => ({ index, signal })))
      const late = pause(FIRES_WITHIN_MS, null, { ref: false })
      const first = await Promise.race([...exits, late])
      expect(first?.signal, workers.map((worker) => worker.output()).join('\n')).toBe('SIGKILL')
      return first?.index ?? 0
    }

    async function expectNothingLeft(labels: readonly string[]): Promise<void> {
      const rowsLeft = async () =>
        (await database.pool.query('select owner from placed_records')).rows as unknown[]
      await expect.poll(rowsLeft, PATIENCE).toEqual([])
      for (const owner of labels.flatMap(ownersOf))
        expect([owner, await named.texts(owner)]).toEqual([owner, []])
    }

    it('places and takes away whichever process does the work, with one order for each enrollment', {
      timeout: TIMEOUT_MS,
    }, async () => {
      await startPair()
      const labels = ['a', 'b', 'c', 'd']
      const ended = await Promise.all(
        labels.map(async (label, index) => {
          const [asked, other] = [workers[index % 2], workers[(index + 1) % 2]] as [Instance, Instance]
          const { change } = await enroll(asked, namesOf(label))
          const { body } = await followChange(other.client, change, ({ state }) =>
            ['completed', 'error'].includes(state),
          )
          return body.statusInfo.state
        }),
      )
      expect(ended).toEqual(labels.map(() => 'completed'))
      await expectNothingLeft(labels)
      expect(ordersOf({ pebble })).toBe(labels.length)
      const written = writtenTo(named)
      for (const owner of labels.flatMap(ownersOf)) {
        const acts = written.filter((one) => one.owner === owner).map(({ what }) => what)
        expect([owner, new Set(acts)]).toEqual([owner, new Set(['adding', 'deleting'])])
      }
    })

    it.each(['during:check-validation', 'after:check-validation'])(
      'killed %s, the other process ends it and takes away what the dead one had placed, with one order',
      { timeout: TIMEOUT_MS },
      async (failpoint) => {
        await startPair({ CERTRAIL_FAILPOINT: failpoint })
        const names = namesOf('killed')
        await enroll(workers[0] as Instance, names).catch(onlyUnheard)
        const dead = await indexOfTheDead()
        const survivor = workers[1 - dead] as Instance
        const live = { instance: () => survivor }
        const enrollment = await enrollmentOf(survivor, names[0])
        await expect.poll(() => productionOf(live, enrollment), PATIENCE).not.toBeNull()
        await expectNothingLeft(['killed'])
        expect(ordersOf({ pebble })).toBe(1)
        const by = (what: Written['what']) =>
          new Set(writtenTo(named).flatMap((one) => (one.what === what ? [one.by] : [])))
        expect(by('adding')).toContain(KEYS[dead])
        expect(by('deleting')).toEqual(new Set([KEYS[1 - dead]]))
      },
    )
  },
)
