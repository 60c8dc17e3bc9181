import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import packet from 'dns-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../scripts/lib/free-port.mjs'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Created, createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { endOfChange } from '../support/live-instance.ts'
import { hasNamed, type Named, startNamed } from '../support/named.ts'
import { hasPebble, type Pebble, startPebble } from '../support/pebble.ts'

const SITE = 'site.example'
const ZONE = 'acme.operator.example'
const NAMES = [SITE, `*.${SITE}`, `www.${SITE}`] as const
/** Each process answers the zone at an address of its own, as two machines would. */
const HOSTS = ['127.0.0.1', '127.0.0.2'] as const
/** Of two starts and two proofs, on a machine that does much else. */
const TIMEOUT_MS = 300_000
const PATIENCE = { timeout: 120_000, interval: 200 }
const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

describe.skipIf(!hasNamed || !hasPebble)(
  'a standing delegation of _acme-challenge, answered by two processes (skipped when the program named or pebble is missing)',
  () => {
    let folder: string
    let named: Named
    let pebble: Pebble
    let database: TestDatabase
    let homes: readonly string[]
    let instances: readonly Instance[] = []
    let dnsPort: number

    beforeAll(async () => {
      dnsPort = await freePort()
      folder = await mkdtemp(join(tmpdir(), 'certrail-delegation-'))
      // The user's zone: two aliases, written once, and nothing on port 80.
      named = await startNamed({
        keys: [],
        zones: {
          [SITE]: {
            records: [
              `_acme-challenge CNAME ${SITE}.${ZONE}.`,
              `_acme-challenge.www CNAME www.${SITE}.${ZONE}.`,
            ],
          },
        },
        forwards: { [ZONE]: HOSTS.map((host) => `${host} port ${dnsPort}`) },
      })
      // Nothing is taken as proven because it was before.
      pebble = await startPebble({ httpPort: 1, dnsPort: named.port, authorizationReuse: 0 })
      database = await createTestDatabase()
      homes = await Promise.all(HOSTS.map(makeHome))
      instances = await Promise.all(HOSTS.map(start))
    }, TIMEOUT_MS)
    afterAll(async () => {
      for (const { client } of instances) client.close()
      await Promise.all(instances.map((instance) => instance.stop()))
      await database?.drop()
      await Promise.all(homes.map(removeHome))
      await pebble?.close()
      await named?.close()
      await rm(folder, { recursive: true, force: true })
    })

    const start = (host: string, index: number): Promise<Instance> =>
      startInstance(homes[index] ?? '', {
        CERTRAIL_MODE: 'live',
        CERTRAIL_RATE_LIMITS: 'off',
        CERTRAIL_HOST: host,
        CERTRAIL_API_NAMES: `${host},localhost`,
        CERTRAIL_DNS_PORT: String(dnsPort),
        CERTRAIL_DELEGATION_ZONE: ZONE,
        CERTRAIL_DELEGATION_NAME_SERVERS: HOSTS.map((one, at) => `ns${at + 1}.${ZONE}=${one}`).join(','),
        CERTRAIL_RESOLVER: `127.0.0.1:${named.port}`,
        CERTRAIL_VALIDATION_DNS_PORT: String(dnsPort),
        CERTRAIL_ACME_DIRECTORY: pebble.directoryUrl,
        CERTRAIL_ACME_CA_FILE: pebble.caFile,
        CERTRAIL_ALLOW_PRIVATE_TARGETS: 'true',
        CERTRAIL_KEK_FILE: join(folder, 'kek'),
        DATABASE_URL: database.url,
      })

    const [cn, ...sans] = NAMES
    const provenAt = async ({ client }: Instance, { enrollment }: Created): Promise<readonly number[]> => {
      const { body } = await client.call('GET', `${enrollment}/dv-history`, { accept: cps('dv-history.v1') })
      return NAMES.map((name) => {
        const found = body.results.find(({ domain }: { domain: string }) => domain === name)
        const generations: { challenges: { type: string; status: string }[] }[] = found?.domainHistory ?? []
        return generations
          .flatMap(({ challenges }) => challenges)
          .filter(({ type, status }) => type === 'dns-01' && status === 'valid').length
      })
    }

    it('proves names, apex and wildcard at a CA without anybody’s help, and again when one of the two processes is dead', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const [one, other] = instances as [Instance, Instance]
      const created = await createEnrollment(one.client, one.ready.contract, dvEnrollment(cn, sans))
      expect(await endOfChange({ instance: () => one }, created.change), one.output()).toMatchObject({
        state: 'completed',
      })
      expect(await provenAt(other, created)).toEqual([1, 1, 1])

      await one.kill()
      const renewal = await other.client.call('PUT', `${created.enrollment}?force-renewal=true`, {
        accept: cps('enrollment-status.v1'),
        contentType: cps('enrollment.v11'),
        body: dvEnrollment(cn, sans),
      })
      expect(renewal.status, renewal.text).toBe(202)
      await expect.poll(() => provenAt(other, created), PATIENCE).toEqual([2, 2, 2])
    })

    it('is transferred to nobody', async () => {
      const socket = connect(dnsPort, HOSTS[1])
      const questions = [{ type: 'AXFR' as const, name: ZONE }]
      socket.end(packet.streamEncode({ type: 'query', id: 7, questions }))
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      await once(socket, 'close')
      const reply = packet.streamDecode(Buffer.concat(chunks))
      expect(reply).toMatchObject({ id: 7, rcode: 'REFUSED', answers: [] })
    })
  },
)
