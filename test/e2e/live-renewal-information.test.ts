import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../../src/domain/time.ts'
import { createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import { endOfChange, hasPebble, type Live, startLive } from '../support/live-instance.ts'
import { offerRenewalInformation, type RenewalInformationServer } from '../support/renewal-information.ts'

const MOST_LOOKS = 120

describe.skipIf(!hasPebble)(
  'renewal information (RFC 9773; skipped when the program pebble is missing)',
  () => {
    let live: Live
    let server: RenewalInformationServer
    const begun = Date.now()
    const early = {
      start: new Date(begun + 5 * DAY),
      end: new Date(begun + 6 * DAY),
      retryAfterSeconds: 21_600,
    }
    const past = { start: new Date(begun - 2 * HOUR), end: new Date(begun - HOUR), retryAfterSeconds: 60 }
    beforeAll(async () => {
      live = await startLive({
        authorizationReuse: 100,
        prepare: async ({ proxy }) => {
          // The first may wait; the second, and what replaces it, was never good.
          server = offerRenewalInformation(proxy, (nth) => (nth === 1 ? early : past))
          return {}
        },
      })
    })
    afterAll(() => live?.close())

    async function enroll(name: string): Promise<string> {
      const { client, ready } = live.instance()
      const { enrollment, change } = await createEnrollment(client, ready.contract, dvEnrollment(name))
      expect(await endOfChange(live, change), live.instance().output().slice(-4_000)).toMatchObject({
        status: 'complete',
      })
      return enrollment
    }
    const get = async (path: string) => (await live.instance().client.call('GET', path)).body
    const planOf = (enrollment: string) => get(`${enrollment.replace('/cps/v2', '/certrail/v1')}/plan`)

    async function until<Seen>(look: () => Promise<Seen>, holds: (seen: Seen) => boolean): Promise<Seen> {
      for (let count = 0; count < MOST_LOOKS; count += 1) {
        const seen = await look()
        if (holds(seen)) return seen
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
      throw new Error(`it did not come\n${live.instance().output().slice(-4_000)}`)
    }

    it('moves the renewal into the window that the CA names, to a moment that stays, and says why', async () => {
      const enrollment = await enroll('early.information.example')
      const begins = (plan: { steps: { what: string; at: string; reason: string }[] }) =>
        plan.steps.find(({ what }) => what === 'begin-renewal')
      const plan = await until(
        () => planOf(enrollment),
        (seen) => begins(seen)?.reason.includes('RFC 9773') === true,
      )
      const { at = '', reason = '' } = begins(plan) ?? {}
      expect(Date.parse(at)).toBeGreaterThanOrEqual(early.start.getTime())
      expect(Date.parse(at)).toBeLessThan(early.end.getTime())
      expect(reason).toContain('https://ca.example/why')
      const shown = await live.instance().client.call('GET', enrollment, {
        accept: 'application/vnd.akamai.cps.enrollment.v11+json',
      })
      expect(Math.abs(Date.parse(shown.body.autoRenewalStartTime) - Date.parse(at))).toBeLessThan(1_000)
      expect(begins(await planOf(enrollment))?.at).toBe(at)
      // Not before its Retry-After.
      expect(server.asked(server.issued[0] ?? '')).toBe(1)
    })

    it('renews at once what the CA wants back, names what is replaced, and does not begin again for hours', async () => {
      const enrollment = await enroll('past.information.example')
      const histories = `${enrollment}/history/changes`
      const { changes } = await until(
        async () =>
          (
            await live.instance().client.call('GET', histories, {
              accept: 'application/vnd.akamai.cps.change-history.v5+json',
            })
          ).body,
        (seen) =>
          seen.changes.some(
            (one: { action: string; status: string }) => one.action === 'renew' && one.status === 'completed',
          ),
      )
      expect(changes[0].createdBy).toBe('automatic renewal')
      expect(server.issued).toHaveLength(3)
      expect(server.replaced).toEqual([{ identifier: server.issued[1], status: 201 }])
      // What replaced it is wanted back, too, in the same moment.
      await until(
        async () => server.asked(server.issued[2] ?? ''),
        (count) => count > 0,
      )
      const { steps } = await until(
        () => planOf(enrollment),
        (seen) => seen.steps.length > 1,
      )
      const next = steps.find(({ what }: { what: string }) => what === 'begin-renewal')
      expect(Date.parse(next.at)).toBeGreaterThan(Date.now() + 5 * HOUR)
    })
  },
)
