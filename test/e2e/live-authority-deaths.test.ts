import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Death, type Passed, rehearse, STEPS, TIMES } from '../support/authority-deaths.ts'
import { type Created, createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import {
  acknowledgeIssued,
  approveOrganization,
  hasPebble,
  HMAC_KEY,
  KID,
  type Live,
  productionOf,
  startLive,
} from '../support/live-instance.ts'
import { sampled } from '../support/sampled.ts'
import { namesIn } from '../support/strange-certificates.ts'

/** Some seconds alone; a busy machine takes many times as long. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

type Kind = 'dv' | 'ov'
const KINDS: readonly Kind[] = ['dv', 'ov']

const DEATHS: readonly (Death & { readonly kind: Kind })[] = KINDS.flatMap((kind) =>
  STEPS.flatMap(({ step }) => TIMES.map((time) => ({ kind, step, time }))),
)

const pathOf = (url: string | null): string => (url === null ? '' : new URL(url).pathname)

/** A CA that dies keeps nothing of accounts, orders and authorizations; one that is away is waited for. */
describe.skipIf(!hasPebble)(
  'a CA that is killed in the middle and remembers nothing (skipped when the program pebble is missing)',
  () => {
    let live: Live
    let isKnown = false
    beforeAll(async () => {
      live = await startLive({ externalAccounts: { [KID]: HMAC_KEY }, authorizationReuse: 0 })
    })
    afterAll(() => live?.close())

    const begin = (kind: Kind, names: readonly string[]): Promise<Created> => {
      const { client, ready } = live.instance()
      const wish = kind === 'dv' ? {} : { ra: 'symantec', validationType: 'ov' }
      return createEnrollment(client, ready.contract, dvEnrollment(names[0] ?? '', names.slice(1), wish))
    }
    const renew = async ({ enrollment }: Created, kind: Kind, names: readonly string[]): Promise<Created> => {
      const wish = kind === 'dv' ? {} : { ra: 'symantec', validationType: 'ov' }
      const answer = await live.instance().client.call('PUT', `${enrollment}?force-renewal=true`, {
        accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
        contentType: 'application/vnd.akamai.cps.enrollment.v11+json',
        body: dvEnrollment(names[0] ?? '', names.slice(1), wish),
      })
      expect(answer.status, answer.text).toBe(202)
      return { enrollment, change: answer.body.changes[0] }
    }
    /** Nobody does anything for it, but for the review of what was issued to an organization. */
    async function complete({ change, enrollment }: Created): Promise<void> {
      const isAtRest = ({ status, state }: { status: string; state: string }): boolean =>
        state === 'completed' || status.startsWith('wait-') || status === 'check-for-cert-error'
      const { body } = await followChange(live.instance().client, change, isAtRest)
      if (body.statusInfo.status === 'wait-review-cert-warning') {
        await acknowledgeIssued(live, change)
        return complete({ change, enrollment })
      }
      expect(body.statusInfo, live.instance().output().slice(-6_000)).toMatchObject({ state: 'completed' })
    }
    async function letOrganizationBeKnown(): Promise<void> {
      if (isKnown) return
      const created = await begin('ov', ['known.example'])
      await approveOrganization(live, created.change)
      await complete(created)
      isKnown = true
    }
    /** Codes of the failures that the log tells of, from this octet on. */
    const failuresSince = (from: number): readonly string[] =>
      live
        .instance()
        .output()
        .slice(from)
        .split('\n')
        .flatMap((line) => /"effect":"[\w-]+".*?"code":"([\w-]+)"/.exec(line)?.[1] ?? [])

    /** One account in each life. Another order only when the CA has said that it does not know the one before, or has refused a name of it. */
    function expectNothingTwice(passed: readonly Passed[]): void {
      const made = (path: string) => passed.filter((one) => one.path === path && one.status === 201)
      const lives = made('/sign-me-up').map(({ life }) => life)
      expect(lives).toEqual([...new Set(lives)])
      const orders = made('/order-plz')
      expect(orders.length).toBeLessThan(5)
      for (const [index, order] of orders.slice(1).entries()) {
        const before = orders[index] ?? order
        const between = passed.slice(passed.indexOf(before) + 1, passed.indexOf(order))
        const isReason = ({ path, status, life, isRefusal }: Passed): boolean =>
          isRefusal ||
          (life === order.life &&
            life > before.life &&
            status >= 400 &&
            (path === pathOf(before.location) || path === '/sign-me-up'))
        expect(between.filter(isReason), JSON.stringify(between)).not.toEqual([])
      }
    }

    it.each(sampled(DEATHS, 2))('$kind, $step, $time: it ends in production all the same', async (death) => {
      const { kind, step, time } = death
      if (kind === 'ov') await letOrganizationBeKnown()
      const label = `${kind}-${step}-${time}`.replaceAll(' ', '-')
      const names = [`${label}.example`, `*.${label}.example`]
      const isRenewal = step === 'order of a renewal'
      const before = isRenewal ? await begin(kind, names) : null
      if (before !== null) await complete(before)
      if (step === 'account') {
        await live.pebble.kill()
        await live.pebble.start()
      }
      const from = live.instance().output().length
      const rehearsal = await rehearse(live, death)
      try {
        const created = before === null ? await begin(kind, names) : await renew(before, kind, names)
        await complete(created)
        expect(rehearsal.hasDied()).toBe(true)
        const { passed } = rehearsal
        expectNothingTwice(passed)
        expect(failuresSince(from).filter((code) => code !== 'authority-unavailable')).toEqual([])
        const served = await productionOf(live, created.enrollment)
        expect(namesIn(served?.certificate ?? '').toSorted()).toEqual(names.toSorted())
        const life =
          passed.findLast(({ path, status }) => path.startsWith('/certZ/') && status === 200)?.life ?? -1
        const [chain, root] = [served?.trustChain ?? '', rehearsal.rootOf(life)].map(
          (pem) => new X509Certificate(pem),
        )
        expect(root !== undefined && chain?.verify(root.publicKey)).toBe(true)
      } finally {
        await rehearsal.end()
      }
    })
  },
)
