import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { AUTHORITY_KINDS, liveOptionsOf } from '../support/authority-kinds.ts'
import {
  acknowledgeChallenges,
  type Created,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import {
  endOfChange,
  hasPebble,
  type Live,
  ordersOf,
  productionOf,
  startLive,
} from '../support/live-instance.ts'
import { sampled } from '../support/sampled.ts'
import { namesIn } from '../support/strange-certificates.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
/** Seconds alone; a busy machine takes many times as long. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const isLong = process.env['CERTRAIL_TEST_LONG'] === '1'

describe.skipIf(!hasPebble).each(sampled(AUTHORITY_KINDS, 1))(
  'enrollments at a CA that refuses every second nonce; uses proofs again: $reuses, wants an external account: $binds (skipped when the program pebble is missing)',
  ({ reuses, binds }) => {
    let live: Live
    beforeAll(async () => {
      live = await startLive({
        ...liveOptionsOf({ reuses, binds }),
        nonceReject: 50,
        alternateRoots: 1,
      })
    })
    afterAll(() => live?.close())

    const begin = (names: readonly string[], csr: object = {}): Promise<Created> => {
      const { client, ready } = live.instance()
      const body = dvEnrollment(names[0] ?? '', names.slice(1))
      return createEnrollment(client, ready.contract, { ...body, csr: { ...body.csr, ...csr } })
    }
    const put = async ({ enrollment }: Created, names: readonly string[], query = ''): Promise<string> => {
      const answer = await live.instance().client.call('PUT', `${enrollment}${query}`, {
        accept: cps('enrollment-status.v1'),
        contentType: cps('enrollment.v11'),
        body: dvEnrollment(names[0] ?? '', names.slice(1)),
      })
      expect(answer.status, answer.text).toBe(202)
      return answer.body.changes[0]
    }
    const complete = async (change: string): Promise<void> =>
      expect(await endOfChange(live, change), live.instance().output().slice(-4_000)).toMatchObject({
        status: 'complete',
      })
    const served = async ({ enrollment }: Created) => {
      const shown = await productionOf(live, enrollment)
      return {
        certificate: '',
        trustChain: '',
        ...shown,
        names: namesIn(shown?.certificate ?? '').toSorted(),
      }
    }
    const looks = (): number => live.pebble.log().match(/Pulled a task from the Tasks queue/g)?.length ?? 0

    it('proves an apex and its wildcard together, and serves the chain that was wished for', async () => {
      const other = new X509Certificate(await live.pebble.rootPem(1))
      const preferredTrustChain = other.subject.replace('CN=', '').toLowerCase().replaceAll(' ', '-')
      const created = await begin(['*.both.example', 'both.example'], { preferredTrustChain })
      await complete(created.change)
      const { names, trustChain } = await served(created)
      expect(names).toEqual(['*.both.example', 'both.example'])
      expect(new X509Certificate(trustChain).verify(other.publicKey)).toBe(true)
    })

    it('adds a name and renews, and what was proven is proven again only where the CA wants it', async () => {
      const created = await begin(['grows.example'])
      await complete(created.change)
      const before = looks()
      const names = ['grows.example', 'new.grows.example']
      await complete(await put(created, names))
      expect(looks() - before).toBe(reuses ? 1 : 2)
      const first = await served(created)
      expect(first.names).toEqual(names)
      await complete(await put(created, names, '?force-renewal=true'))
      expect(looks() - before).toBe(reuses ? 1 : 4)
      const second = await served(created)
      expect(second.names).toEqual(names)
      expect(second.certificate).not.toBe(first.certificate)
    })

    it('gives one of three names a new token when the CA refused it, and keeps the two others as far as the CA does', async () => {
      await complete((await begin(['one.three.example', 'two.three.example'])).change)
      await live.way.block()
      const names = ['three.three.example', 'one.three.example', 'two.three.example']
      const { change, enrollment } = await begin(names)
      const { client } = live.instance()
      const generationsOf = async (name: string): Promise<number> => {
        const { body } = await client.call('GET', `${enrollment}/dv-history`, {
          accept: cps('dv-history.v1'),
        })
        const found = body.results.find(({ domain }: { domain: string }) => domain === name)
        return found?.domainHistory.length ?? 0
      }
      // The CA may have refused the first token before anybody could read it.
      for (let look = 0; look < 40 && (await generationsOf('three.three.example')) < 2; look += 1)
        await readChange(client, change, 1)
      expect(await Promise.all(names.map(generationsOf))).toEqual(reuses ? [2, 1, 1] : [2, 2, 2])
      await live.way.unblock()
      await acknowledgeChallenges(client, change)
      await complete(change)
    })

    const standing = async () => {
      const { body } = await live.instance().client.call('GET', '/certrail/v1/authorities')
      return body.authorities.find(
        ({ name }: { name: string }) => name === (binds ? 'bound' : 'lets-encrypt'),
      )
    }
    const cancel = async ({ change }: Created): Promise<void> => {
      const answer = await live.instance().client.call('DELETE', change, { accept: cps('change-id.v1') })
      expect(answer.status, answer.text).toBe(200)
    }
    /** Where a change rests on its way to the first certificate, and what keeps it there. */
    const RESTS: readonly {
      readonly at: string
      readonly status: string
      readonly state: string
      readonly body?: object
      readonly hold?: () => unknown
      /** How the CA is shown meanwhile. */
      readonly authority?: string
    }[] = [
      {
        at: 'a name that the CA cannot reach',
        status: 'coodinate-domain-validation',
        state: 'awaiting-input',
        hold: () => live.way.block(),
      },
      {
        at: 'a CA that is away',
        status: 'check-for-cert',
        state: 'error',
        authority: 'down',
        hold: () =>
          live.proxy.tamper(({ path }) =>
            // Its own headers stay: sometimes it is a problem without a body.
            path.startsWith('/finalize-order/') ? { status: 503, body: Buffer.alloc(0) } : undefined,
          ),
      },
      {
        at: 'the acknowledgement of what staging serves',
        status: 'wait-ack-change-management',
        state: 'awaiting-input',
        body: { changeManagement: true },
      },
    ]
    it.each(RESTS)(
      'cancels at $at, and the next change goes through',
      async ({ hold, body, authority, ...rest }) => {
        await hold?.()
        const { client, ready } = live.instance()
        const name = `${rest.status}.cancelled.example`
        const wish = { ...dvEnrollment(name), ...body }
        const created = await createEnrollment(client, ready.contract, wish)
        const { status, state } = rest
        await followChange(client, created.change, (one) => one.status === status && one.state === state)
        expect(await standing()).toMatchObject({ state: authority ?? 'healthy' })
        await cancel(created)
        live.proxy.tamper(null)
        await live.way.unblock()
        expect(await productionOf(live, created.enrollment)).toBeNull()
        await complete(await put(created, [name]))
        expect((await served(created)).names).toEqual([name])
        expect(await standing()).toMatchObject({ state: 'healthy', downSince: null })
      },
    )

    it.each(isLong ? [100] : [20])('takes %i names (100 in the long form)', async (length) => {
      const names = Array.from({ length }, (_, index) => `n${index}.hundred.example`)
      const before = ordersOf(live)
      const created = await begin(names)
      await complete(created.change)
      expect((await served(created)).names).toEqual(names.toSorted())
      expect(ordersOf(live) - before).toBe(1)
    })
  },
)
