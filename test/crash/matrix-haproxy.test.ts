import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STEPS } from '../../src/edge/haproxy/runtime-list.ts'
import { expectProductionUntouched, expectTheEnd } from '../support/crash-end.ts'
import { CRASH_CASES, CRASH_FLOWS, type CrashCase, NAME } from '../support/crash-flows.ts'
import { carryThrough, crashRig, killAt } from '../support/crash-rig.ts'
import { hasHaproxy, placeholderPem, type TestHaproxy } from '../support/haproxy.ts'
import { at, closeFleet, createFleets, fleetMembers } from '../support/haproxy-fleet.ts'
import { startInstance } from '../support/instance.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import { sampled } from '../support/sampled.ts'
import { makeTestAuthority } from '../support/self-signed.ts'
import { servedFingerprint } from '../support/third-party.ts'
import { watchWithoutGaps } from '../support/watch-production.ts'

/** What happens to HAProxy while Certrail is dead. */
const BLOWS = ['nothing', 'reload', 'kill'] as const
type Blow = (typeof BLOWS)[number]

/** Which steps of its own the driver takes in which flow. */
const STEPS_OF: Readonly<Record<string, readonly string[]>> = {
  'DV, renewal': STEPS.filter((step) => !['line-added', 'routed', 'lines-deleted'].includes(step)),
  'third-party, change management': STEPS.filter((step) => step !== 'routed'),
  removal: ['lines-deleted', 'files-written'],
}
const DRIVER_CASES: readonly CrashCase[] = Object.entries(STEPS_OF).flatMap(([name, steps]) =>
  CRASH_FLOWS.filter((flow) => flow.name === name).flatMap((flow) =>
    steps.flatMap((step) =>
      (['staging', 'production'] as const).map((network) => ({
        flow,
        failpoint: `after:haproxy-${network}-${step}`,
      })),
    ),
  ),
)
const withBlows = (cases: readonly CrashCase[]) =>
  cases.map((each, index) => ({ ...each, blow: BLOWS[index % BLOWS.length] as Blow }))

describe.skipIf(!hasHaproxy || !hasOpenssl)(
  'kill -9 at every step over HAProxy networks (skipped when the program haproxy or openssl is missing)',
  () => {
    let placeholder = ''
    const fleets = createFleets(() => placeholder)
    const around = crashRig(fleets)
    beforeAll(async () => {
      placeholder = await placeholderPem(await makeTestAuthority())
    })
    afterAll(() => fleets.close())

    const strike = {
      nothing: async () => {},
      reload: (haproxy: TestHaproxy) => haproxy.reload(),
      async kill(haproxy: TestHaproxy) {
        await haproxy.kill()
        await haproxy.start()
      },
    } satisfies Record<Blow, (haproxy: TestHaproxy) => Promise<void>>

    const answerOf = async (haproxy: TestHaproxy): Promise<string> =>
      (await servedFingerprint(at(haproxy.address), NAME)) ?? 'refused'

    it.each([...sampled(withBlows(DRIVER_CASES), 2), ...sampled(withBlows(CRASH_CASES), 1)])(
      '$flow.name, $failpoint, then to HAProxy: $blow',
      { timeout: 180_000 },
      async ({ flow, failpoint, blow }) => {
        const situation = await around.rig.begin(flow)
        const fleet = fleets.current()
        const { production } = fleet
        const before = await answerOf(production)
        expect(before).toBe(situation.served ?? 'refused')
        try {
          const seen: (readonly string[])[] = []
          let watch = watchWithoutGaps(at(production.address), NAME)
          const killed = await killAt(failpoint, situation, flow, around.authority)
          await expectProductionUntouched(situation, flow)
          if (blow === 'kill') seen.push(await watch.end())
          for (const haproxy of fleetMembers(fleet)) await strike[blow](haproxy)
          const proven = await answerOf(production)
          if (blow === 'kill') watch = watchWithoutGaps(at(production.address), NAME)
          const restarted = await startInstance(situation.home, situation.env)
          try {
            const { state } = await carryThrough(restarted, situation, flow, around.authority)
            expect(state).toMatch(flow.action === 'removal' ? /completed|gone/ : /completed|cancelled/)
            await expectTheEnd(situation, flow, restarted, [killed.output(), restarted.output()])
            seen.push(await watch.end())
            const after = await answerOf(production)
            const all = seen.flat()
            expect([before, after, ...(flow.fails === undefined ? [] : all)]).toEqual(
              expect.arrayContaining([...new Set([...all, proven])]),
            )
            // Files never lead: what was not seen by a client before the blow is not served after it.
            if (blow === 'kill' && proven !== before) expect(seen[0]).toContain(proven)
          } catch (error) {
            process.stderr.write(`${restarted.output()}\n`)
            throw error
          } finally {
            await watch.end()
            expect(await restarted.stop()).toBe(0)
          }
        } finally {
          await closeFleet(fleet)
          await situation.close()
        }
      },
    )
  },
)
