import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { opensslClient } from '../support/edge-client.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import { hasHaproxy, placeholderPem, startHaproxy, type TestHaproxy } from '../support/haproxy.ts'
import { environmentOf } from '../support/haproxy-fleet.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import { makeTestAuthority } from '../support/self-signed.ts'

const NAME = 'www.back.example'
const LIMIT = { timeout: 60_000 }

/** One enrollment lives through all that a person may do to production, over a real HAProxy; a real client says what it sees. */
describe.skipIf(!hasHaproxy || !hasOpenssl)(
  'over a HAProxy (skipped when the program haproxy or openssl is missing)',
  () => {
    let haproxy: TestHaproxy
    let database: TestDatabase
    let instance: Instance
    let home = ''
    let own = ''
    let enrollment = ''
    const known: string[] = []

    beforeAll(async () => {
      haproxy = await startHaproxy({ placeholderPem: await placeholderPem(await makeTestAuthority()) })
      ;[home, database] = await Promise.all([makeHome(), createTestDatabase()])
      instance = await startInstance(home, {
        DATABASE_URL: database.url,
        CERTRAIL_NOTICE_DIGEST: 'PT1S',
        ...environmentOf('PRODUCTION', haproxy),
      })
    })
    afterAll(async () => {
      expect(await instance.stop()).toBe(0)
      await haproxy.close()
      await database.drop()
      await removeHome(home)
    })

    /** The serial number that openssl meets, whose chain it has verified, or the alert. */
    async function seen(): Promise<string> {
      const { host, port } = haproxy.address
      const trust = ['-CAfile', `${home}/root.pem`, '-verify_return_error']
      const text = await opensslClient({ host, port }, ['-servername', NAME, ...trust])
      const pem = /-----BEGIN CERTIFICATE[^]*?END CERTIFICATE-----/.exec(text)?.[0]
      if (pem === undefined || !text.includes('Verify return code: 0 (ok)'))
        return text.includes('unrecognized name') ? 'unrecognized name' : text
      return new X509Certificate(pem).serialNumber.toLowerCase().replace(/^0+/, '')
    }

    const call = async (method: string, path: string, body?: unknown) =>
      instance.client.call(method, `${own}${path}`, {
        accept: 'application/json',
        ...(body !== undefined && { contentType: 'application/json', body }),
      })
    const roll = (body: unknown = {}) => call('POST', '/rollback', body)
    const generations = async () => (await call('GET', '/generations')).body
    const serialOf = (number: number): string => known[number - 1] ?? ''
    const statusOf = async (change: string) => (await readChange(instance.client, change)).body.statusInfo

    async function renew(until: (info: { state: string; status: string }) => boolean): Promise<string> {
      const response = await instance.client.call('PUT', `${enrollment}?force-renewal=true`, {
        accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
        contentType: 'application/vnd.akamai.cps.enrollment.v11+json',
        body: dvEnrollment(NAME),
      })
      expect([response.status, response.text]).toEqual([202, expect.anything()])
      const [change] = response.body.changes
      await followChange(instance.client, change, until)
      return change
    }
    const completed = ({ state }: { state: string }) => state === 'completed'
    const waits = ({ status }: { status: string }) => status === 'wait-deployment-schedule'

    /** What is live now is the next generation. */
    async function expectNew(): Promise<void> {
      await expect.poll(async () => (await generations()).live, LIMIT).toBe(known.length + 1)
      const serial = await seen()
      expect(serial).toMatch(/^[0-9a-f]{8,}$/)
      expect(known).not.toContain(serial)
      known.push(serial)
    }

    it('goes live, and anew', LIMIT, async () => {
      const created = await createEnrollment(instance.client, instance.ready.contract, dvEnrollment(NAME))
      enrollment = created.enrollment
      own = enrollment.replace('/cps/v2', '/certrail/v1')
      await acknowledgeChallenges(instance.client, created.change)
      await followChange(instance.client, created.change, completed)
      await expectNew()
      await renew(completed)
      await expectNew()
    })

    it(
      'goes back in spite of a pause, and is what HAProxy has on disk too; neither its restart nor the end of the pause undoes it',
      LIMIT,
      async () => {
        await call('PUT', '/pause', { network: 'production', reason: 'an incident' })
        const held = await renew(waits)
        expect(await seen()).toBe(serialOf(2))
        expect((await roll({ reason: 'a client broke' })).body.pin).toMatchObject({ generation: 1 })
        await expect.poll(seen, LIMIT).toBe(serialOf(1))
        await expect.poll(async () => (await generations()).live, LIMIT).toBe(1)
        await haproxy.kill()
        await haproxy.start()
        expect(await seen()).toBe(serialOf(1))
        expect((await call('DELETE', '/pause?network=production')).status).toBe(200)
        const waitsFor = async () =>
          (
            await instance.client.call('GET', `${held.replace('/cps/v2', '/certrail/v1')}/explain`, {
              accept: 'application/json',
            })
          ).body.waitsFor
        await expect.poll(waitsFor, LIMIT).toMatch(/^Production is pinned to generation 1 .*a client broke/)
        expect(await statusOf(held)).toMatchObject({ status: 'wait-deployment-schedule' })
        expect(await seen()).toBe(serialOf(1))
        expect((await call('DELETE', '/pin')).body.pin).toBe(null)
        await followChange(instance.client, held, completed)
        await expectNew()
      },
    )

    it('keeps what is pinned, until it is unpinned', LIMIT, async () => {
      expect((await call('PUT', '/pin', {})).body.pin).toMatchObject({ generation: 3 })
      const held = await renew(waits)
      expect(await seen()).toBe(serialOf(3))
      await call('DELETE', '/pin')
      await followChange(instance.client, held, completed)
      await expectNew()
    })

    it('goes forward where there is no way back, and pages somebody', LIMIT, async () => {
      const revoked = await call('POST', '/revocations', { reason: 'superseded' })
      expect([revoked.status, revoked.text]).toEqual([200, expect.anything()])
      await database.pool.query(
        `insert into edge_listeners (id, network, addresses, real_seen_at) values ('away', 'production', '{127.0.0.1:1}', $1)`,
        [Date.now() + 3_600_000],
      )
      const change = await renew(({ state }) => state === 'error')
      expect(await statusOf(change)).toMatchObject({ error: { code: 'no-way-back' } })
      const newest = await seen()
      expect([...known, 'unrecognized name']).not.toContain(newest)
      const pages = async () =>
        (
          await instance.client.call('GET', '/certrail/v1/notices', { accept: 'application/json' })
        ).body.notices.flatMap(({ occasion, text }: { occasion: string; text: string }) =>
          occasion === 'no-way-back' ? [text] : [],
        )
      // Notices are gathered for a few seconds before they go out.
      await expect
        .poll(pages, LIMIT)
        .toEqual([
          expect.stringMatching(
            /away: .*stays on the edges that showed it \(haproxy-production@.* was revoked/,
          ),
        ])
      expect((await roll()).status).toBe(409)
      expect(await (await fetch(instance.ready.metrics)).text()).toMatch(/^certrail_no_way_back_total [1-9]/m)
      await database.pool.query(`delete from edge_listeners where id = 'away'`)
      await followChange(instance.client, change, completed)
      await expectNew()
      expect(serialOf(5)).toBe(newest)
      const refused = await roll({ generation: 4 })
      expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('was revoked')])
      expect(await seen()).toBe(newest)
    })

    it('is removed: no client sees it, and HAProxy has nothing of it left', LIMIT, async () => {
      const answer = await instance.client.call('DELETE', enrollment, {
        accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
      })
      expect(answer.status).toBeLessThan(300)
      await expect.poll(seen, LIMIT).toBe('unrecognized name')
      await expect.poll(async () => (await call('GET', '/generations')).status, LIMIT).toBe(404)
      const list = () => readFile(haproxy.places.public.list, 'utf8')
      await expect.poll(list, LIMIT).not.toContain(`${haproxy.places.public.folder}/`)
      expect(await haproxy.ask('show ssl cert')).not.toContain(`${haproxy.places.public.folder}/`)
      await haproxy.kill()
      await haproxy.start()
      expect(await seen()).toBe('unrecognized name')
    })
  },
)
