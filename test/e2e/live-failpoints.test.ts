import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AUTHORITY_KINDS, liveOptionsOf } from '../support/authority-kinds.ts'
import { type Created, createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import {
  acknowledgeIssued,
  approveOrganization,
  endOfChange,
  hasPebble,
  type Live,
  openChange,
  ordersOf,
  productionOf,
  refusedOrdersOf,
  startLive,
} from '../support/live-instance.ts'
import { sampled } from '../support/sampled.ts'
import { namesIn } from '../support/strange-certificates.ts'

/** The steps that ask the CA. The others know nothing of it, and are killed in test/crash/matrix.test.ts. */
const STEPS = {
  dv: ['place-order', 'check-validation', 'request-certificate'],
  ov: ['request-certificate'],
} as const

const failpointsOf = (validationType: 'dv' | 'ov'): readonly string[] =>
  STEPS[validationType].flatMap((effect) => [`before:${effect}`, `during:${effect}`, `after:${effect}`])

const KINDS = (['dv', 'ov'] as const).flatMap((validationType) =>
  sampled(AUTHORITY_KINDS, 1).map((kind) => ({ validationType, ...kind })),
)

const isLong = process.env['CERTRAIL_TEST_LONG'] === '1'

/** A few seconds alone; most of it are two starts, which a busy machine makes many times as long. */
const TIMEOUT_MS = 300_000
const PATIENCE = { timeout: 120_000, interval: 50 }

describe.skipIf(!hasPebble).each(KINDS)(
  'live mode, $validationType, killed at every step that asks the CA, which refuses every second nonce; uses proofs again: $reuses, wants an external account: $binds (skipped when the program pebble is missing)',
  ({ validationType, ...kind }) => {
    let live: Live
    beforeAll(async () => {
      live = await startLive({ ...liveOptionsOf(kind), nonceReject: 50 })
      if (validationType === 'ov') await letOrganizationBeKnown()
    }, TIMEOUT_MS)
    afterAll(() => live?.close(), TIMEOUT_MS)

    const begin = (names: readonly string[]): Promise<Created> => {
      const { client, ready } = live.instance()
      const kind = validationType === 'dv' ? {} : { ra: 'symantec', validationType }
      return createEnrollment(client, ready.contract, dvEnrollment(names[0] ?? '', names.slice(1), kind))
    }
    const complete = async (change: string): Promise<void> => {
      const end = await endOfChange(live, change)
      if (end.status === 'wait-review-cert-warning') {
        await acknowledgeIssued(live, change)
        return complete(change)
      }
      expect(end, live.instance().output().slice(-4_000)).toMatchObject({ status: 'complete' })
    }
    /** A step that waits for nobody is over when a failpoint after it fires. */
    async function letOrganizationBeKnown(): Promise<void> {
      const { change } = await begin(['known.example'])
      await approveOrganization(live, change)
      await complete(change)
    }

    const goodOrders = (): number => ordersOf(live) - refusedOrdersOf(live)

    it.each(sampled(failpointsOf(validationType), 2))(
      'ends in production with one order: %s',
      async (failpoint) => {
        const label = failpoint.replace(':', '-')
        const names = [`${label}.example`, `*.${label}.example`]
        const before = goodOrders()
        await live.instance().stop()
        await live.restart({ CERTRAIL_FAILPOINT: failpoint })
        // Whoever asks while the process dies hears nothing.
        const asked = begin(names).catch((error: unknown) => {
          if (!(error instanceof Error && 'code' in error)) throw error
        })
        expect((await live.instance().exited).signal).toBe('SIGKILL')
        await asked
        await live.restart()
        const { change, enrollment } = await openChange(live, names[0] ?? '')
        await complete(change)
        const served = await productionOf(live, enrollment)
        expect(namesIn(served?.certificate ?? '').toSorted()).toEqual(names.toSorted())
        const issuer = new X509Certificate(served?.trustChain ?? '')
        expect(issuer.verify(new X509Certificate(await live.pebble.rootPem()).publicKey)).toBe(true)
        expect(goodOrders() - before).toBe(1)
      },
      TIMEOUT_MS,
    )

    async function expectAnotherOrder(
      { change, enrollment }: Created,
      names: readonly string[],
      before: number,
    ): Promise<void> {
      await followChange(
        live.instance().client,
        change,
        ({ status, state }) => status.startsWith('wait-') || state === 'completed',
      )
      await complete(change)
      const served = await productionOf(live, enrollment)
      expect(namesIn(served?.certificate ?? '').toSorted()).toEqual([...names].toSorted())
      expect(ordersOf(live) - before).toBeGreaterThanOrEqual(2)
    }

    it.each(validationType === 'ov' ? [validationType] : [])(
      'proves anew by itself, %s, what the CA could not validate, and says so meanwhile',
      async () => {
        const names = ['unreachable.example']
        const before = ordersOf(live)
        await live.way.block()
        live.proxy.tamper(async ({ path, body }) => {
          if (!path.startsWith('/authZ/') || !body.toString().includes('"invalid"')) return undefined
          live.proxy.tamper(null)
          await live.way.unblock()
          return undefined
        })
        await expectAnotherOrder(await begin(names), names, before)
        expect(live.instance().output()).toContain('could not validate unreachable.example')
      },
      TIMEOUT_MS,
    )

    // A DV name that lost its authorization is in test/e2e/live-pebble.test.ts, whatever lost it.
    it.each(isLong || validationType === 'ov' ? [validationType] : [])(
      'proves anew by itself, %s, what the CA looked at while the process was dead',
      async () => {
        const names = ['dead.example']
        const before = ordersOf(live)
        const lostOnes = (): number => live.pebble.log().match(/authz \S+ set INVALID/g)?.length ?? 0
        const lostBefore = lostOnes()
        let isDead = false
        live.proxy.refuse(async ({ path }) => {
          if (path.startsWith('/chalZ/') && !isDead) await live.way.block()
          return undefined
        })
        live.proxy.tamper(async ({ path, status }) => {
          if (!path.startsWith('/chalZ/') || status !== 200 || isDead) return undefined
          isDead = true
          await live.instance().kill()
          return null
        })
        const asked = begin(names).catch((error: unknown) => {
          if (!(error instanceof Error && 'code' in error)) throw error
        })
        await live.instance().exited
        await asked
        // Whatever it waited for, it has given up.
        await expect.poll(() => lostOnes() - lostBefore, PATIENCE).toBe(1)
        live.proxy.refuse(null)
        live.proxy.tamper(null)
        await live.way.unblock()
        await live.restart()
        await expectAnotherOrder(await openChange(live, names[0] ?? ''), names, before)
      },
      TIMEOUT_MS,
    )
  },
)
