import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import { hasPebble, type Live, ordersOf, startLive } from '../support/live-instance.ts'

const INSTRUCTIONS = 'https://ca.example/agree/1234'
const TERMS = 'https://ca.example/terms/v2'
/** A few seconds alone. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const isLong = process.env['CERTRAIL_TEST_LONG'] === '1'

/** RFC 8555 section 7.3.3, word for word. */
const CHANGED_TERMS = {
  status: 403,
  headers: {
    link: `<${TERMS}>;rel="terms-of-service"`,
    'content-type': 'application/problem+json',
  },
  body: Buffer.from(
    JSON.stringify({
      type: 'urn:ietf:params:acme:error:userActionRequired',
      detail: 'Terms of service have changed',
      instance: INSTRUCTIONS,
    }),
  ),
}

describe.skipIf(!hasPebble)(
  'a CA whose terms of service have changed (skipped when the program pebble is missing)',
  () => {
    let live: Live
    beforeAll(async () => {
      live = await startLive()
    })
    afterAll(() => live?.close())
    afterEach(() => live.proxy.refuse(null))

    const begin = (name: string) => {
      const { client, ready } = live.instance()
      return createEnrollment(client, ready.contract, dvEnrollment(name))
    }
    const standing = async () => {
      const { body } = await live.instance().client.call('GET', '/certrail/v1/authorities')
      return body.authorities.find(({ name }: { name: string }) => name === 'lets-encrypt')
    }
    const inError = (change: string) =>
      followChange(live.instance().client, change, ({ state }) => state === 'error')
    /** Whatever it shows on the way: it may not have been tried again yet. */
    const completed = (change: string) =>
      followChange(live.instance().client, change, ({ state }) => state === 'completed')
    /** Requests to these places are refused from now on; says how many were. */
    const refuse = (path: string): (() => number) => {
      let refused = 0
      live.proxy.refuse((request) => {
        if (request.method !== 'POST' || !request.path.startsWith(path)) return undefined
        refused += 1
        return CHANGED_TERMS
      })
      return () => refused
    }
    const agree = (...more: readonly string[]) =>
      runCommandLine(['authorities', '--agreed', 'lets-encrypt', ...more], { home: live.instance().home })

    it('is asked once and then left alone, says what a person has to do, and everything goes on when that is said to be done', async () => {
      const refusals = refuse('/order-plz')
      const first = await begin('first.terms.example')
      const { body } = await inError(first.change)
      expect(body.statusInfo.error).toMatchObject({ code: 'authority-action-required' })
      expect(await standing()).toMatchObject({
        state: 'action-required',
        reason: expect.stringContaining('Terms of service have changed'),
        action: { since: expect.stringMatching(/Z$/), instructions: INSTRUCTIONS, termsOfService: TERMS },
      })
      const explained = await live
        .instance()
        .client.call('GET', `${first.change.replace('/cps/v2', '/certrail/v1')}/explain`)
      for (const told of [INSTRUCTIONS, TERMS, 'certrail authorities --agreed lets-encrypt'])
        expect(explained.text).toContain(told)

      const second = await begin('second.terms.example')
      await inError(second.change)
      await live.instance().stop()
      await live.restart()
      const third = await begin('third.terms.example')
      await inError(third.change)
      expect(await standing()).toMatchObject({ state: 'action-required' })
      expect(refusals()).toBe(1)

      live.proxy.refuse(null)
      const said = await agree('--json')
      expect(said, said.stderr).toMatchObject({ exitCode: 0 })
      expect(said.json()).toMatchObject({ name: 'lets-encrypt', action: null })
      for (const { change } of [first, second, third]) await completed(change)
      expect(await standing()).toMatchObject({ state: 'healthy', action: null, reason: null })
    })

    it('says so again when nobody has agreed there', async () => {
      const refusals = refuse('/order-plz')
      const { change } = await begin('again.terms.example')
      await inError(change)
      await agree()
      await expect.poll(refusals, { timeout: 60_000 }).toBe(2)
      await inError(change)
      expect(await standing()).toMatchObject({ state: 'action-required' })
      live.proxy.refuse(null)
      await agree()
      await completed(change)
    })

    it.each(isLong ? ['/chalZ/', '/finalize-order/'] : ['/finalize-order/'])(
      'loses no order and no token where it says so at %s',
      async (path) => {
        const refusals = refuse(path)
        const before = ordersOf(live)
        const { change, enrollment } = await begin(
          `${path.replaceAll(/[^a-z]/gi, '').toLowerCase()}.terms.example`,
        )
        await inError(change)
        expect(refusals()).toBe(1)
        live.proxy.refuse(null)
        await agree()
        await completed(change)
        expect(ordersOf(live) - before).toBe(1)
        const history = await live.instance().client.call('GET', `${enrollment}/dv-history`, {
          accept: 'application/vnd.akamai.cps.dv-history.v1+json',
        })
        expect(history.body.results[0].domainHistory).toHaveLength(1)
      },
    )
  },
)
