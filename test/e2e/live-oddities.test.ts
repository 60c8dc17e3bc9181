import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ProxiedAnswer } from '../support/acme-proxy.ts'
import { type Created, createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import {
  endOfChange,
  hasPebble,
  type Live,
  ordersOf,
  productionOf,
  startLive,
} from '../support/live-instance.ts'
import { namesIn } from '../support/strange-certificates.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

const refusal = (status: number, problem: { readonly type: string; readonly [member: string]: unknown }) => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: Buffer.from(JSON.stringify({ ...problem, type: `urn:ietf:params:acme:error:${problem.type}` })),
})

/** A few seconds alone. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const jsonOf = ({ body }: Pick<ProxiedAnswer, 'body'>) => JSON.parse(body.toString())
const withBody = (value: unknown) => ({ body: Buffer.from(JSON.stringify(value)) })

/** The payload of what was signed. */
const askedIn = ({ request }: ProxiedAnswer) =>
  JSON.parse(Buffer.from(JSON.parse(request.toString()).payload, 'base64url').toString() || '{}')

/** What RFC 8555 allows a CA, and no Pebble does. */
describe.skipIf(!hasPebble)(
  'a CA that makes use of what RFC 8555 allows (skipped when the program pebble is missing)',
  () => {
    let live: Live
    beforeAll(async () => {
      live = await startLive({ authorizationReuse: 100 })
    })
    afterAll(() => live?.close())
    afterEach(() => {
      live.proxy.refuse(null)
      live.proxy.tamper(null)
    })

    const begin = (...names: readonly string[]): Promise<Created> => {
      const { client, ready } = live.instance()
      return createEnrollment(client, ready.contract, dvEnrollment(names[0] ?? '', names.slice(1)))
    }
    const complete = async ({ change }: Pick<Created, 'change'>): Promise<void> =>
      expect(await endOfChange(live, change), live.instance().output().slice(-4_000)).toMatchObject({
        status: 'complete',
      })
    const put = async ({ enrollment }: Created, names: readonly string[], query = ''): Promise<string> => {
      const answer = await live.instance().client.call('PUT', `${enrollment}${query}`, {
        accept: cps('enrollment-status.v1'),
        contentType: cps('enrollment.v11'),
        body: dvEnrollment(names[0] ?? '', names.slice(1)),
      })
      expect(answer.status, answer.text).toBe(202)
      return answer.body.changes[0]
    }
    const servedNames = async ({ enrollment }: Created) =>
      namesIn((await productionOf(live, enrollment))?.certificate ?? '').toSorted()

    it('offers challenges that nobody knows beside the others (section 8)', async () => {
      let added = 0
      live.proxy.tamper((answer) => {
        if (!answer.path.startsWith('/authZ/') || answer.status !== 200) return undefined
        const authorization = jsonOf(answer)
        added += 1
        const unknown = { type: 'dns-of-the-future-02', url: 'https://ca.example/c', status: 'pending' }
        return withBody({ ...authorization, challenges: [unknown, null, ...authorization.challenges] })
      })
      const created = await begin('unknown.odd.example')
      await complete(created)
      expect(added).toBeGreaterThan(0)
    })

    it('offers none at all, and what it cannot be asked to look at is named; it goes on when there is one', async () => {
      live.proxy.tamper((answer) =>
        answer.path.startsWith('/authZ/') && answer.status === 200
          ? withBody({ ...jsonOf(answer), challenges: [] })
          : undefined,
      )
      const created = await begin('none.odd.example')
      const { body } = await followChange(
        live.instance().client,
        created.change,
        ({ state }) => state === 'error',
      )
      expect(JSON.stringify(body.statusInfo.error)).toContain(
        'offers no challenge that Certrail knows for none.odd.example',
      )
      live.proxy.tamper(null)
      await followChange(live.instance().client, created.change, ({ state }) => state === 'completed')
    })

    it('refuses names one by one, the change says of each why, and asks again (section 6.7.1)', async () => {
      const subproblems = [
        { name: 'one.refused.example', detail: 'on a list of ours' },
        { name: 'two.refused.example', detail: 'not below a public suffix' },
      ].map(({ name, detail }) => ({
        type: 'urn:ietf:params:acme:error:rejectedIdentifier',
        detail,
        identifier: { type: 'dns', value: name },
      }))
      live.proxy.refuse(({ path }) =>
        path === '/order-plz'
          ? refusal(403, { type: 'rejectedIdentifier', detail: 'Not these names', subproblems })
          : undefined,
      )
      const names = ['one.refused.example', 'two.refused.example', 'three.refused.example']
      const created = await begin(...names)
      const { body } = await followChange(
        live.instance().client,
        created.change,
        ({ state }) => state === 'error',
      )
      const told =
        'Not these names (rejectedIdentifier); one.refused.example: on a list of ours; two.refused.example: not below a public suffix'
      expect(body.statusInfo.error.description).toContain(told)
      const explained = await live
        .instance()
        .client.call('GET', `${created.change.replace('/cps/v2', '/certrail/v1')}/explain`)
      expect(explained.text).toContain(told)
      live.proxy.refuse(null)
      await followChange(live.instance().client, created.change, ({ state }) => state === 'completed')
    })

    it.each(['before it has heard', 'after it has issued'])(
      'calls an order not ready %s, and the order ends all the same (section 7.4)',
      async (moment) => {
        let said = 0
        const notReady = refusal(403, { type: 'orderNotReady', detail: 'not ready' })
        const once = (path: string) => {
          if (!path.startsWith('/finalize-order/') || said > 0) return undefined
          said += 1
          return notReady
        }
        if (moment === 'before it has heard') live.proxy.refuse(({ path }) => once(path))
        else live.proxy.tamper(({ path }) => once(path))
        const before = ordersOf(live)
        const created = await begin(`${moment.replaceAll(' ', '-')}.notready.example`)
        await complete(created)
        expect([said, ordersOf(live) - before]).toEqual([1, 1])
      },
    )

    it.each([
      { type: 'alreadyReplaced', status: 409 },
      { type: 'malformed', status: 400 },
    ])(
      'does not take the predecessor that a renewal names ($type), and renews all the same (RFC 9773 section 5)',
      async ({ type, status }) => {
        const named: string[] = []
        live.proxy.tamper((answer) => {
          if (answer.path === '/dir')
            return withBody({
              ...jsonOf(answer),
              renewalInfo: live.proxy.directoryUrl.replace('/dir', '/info'),
            })
          const { replaces } = answer.path === '/order-plz' ? askedIn(answer) : {}
          if (replaces === undefined) return undefined
          named.push(replaces)
          return refusal(status, { type, detail: 'not that one' })
        })
        // Directories are kept for an hour.
        await live.instance().stop()
        await live.restart()
        const names = [`${type.toLowerCase()}.replaced.example`]
        const created = await begin(...names)
        await complete(created)
        await complete({ change: await put(created, names, '?force-renewal=true') })
        expect(named).toEqual([expect.stringMatching(/^[\w-]+\.[\w-]+$/)])
        expect(await servedNames(created)).toEqual(names)
      },
    )

    it('validates a name without being heard, and its token stays the same (section 7.1.4)', async () => {
      let isDeaf = true
      live.proxy.tamper(({ path }) => {
        if (!path.startsWith('/chalZ/') || !isDeaf) return undefined
        isDeaf = false
        return null
      })
      const before = ordersOf(live)
      const created = await begin('unheard.odd.example')
      await followChange(live.instance().client, created.change, ({ state }) => state === 'completed')
      expect([isDeaf, ordersOf(live) - before]).toEqual([false, 1])
      const { body } = await live.instance().client.call('GET', `${created.enrollment}/dv-history`, {
        accept: cps('dv-history.v1'),
      })
      expect(body.results[0].domainHistory).toHaveLength(1)
    })
  },
)
