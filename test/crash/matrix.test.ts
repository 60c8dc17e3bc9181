import { describe, expect, it } from 'vitest'
import { CHANGE_EFFECTS } from '../../src/domain/change/effects.ts'
import { expectProductionUntouched, expectTheEnd } from '../support/crash-end.ts'
import { CRASH_CASES, CRASH_FLOWS, type CrashFlow, NAME } from '../support/crash-flows.ts'
import { carryThrough, crashRig, killAt, type Situation } from '../support/crash-rig.ts'
import { type Instance, startInstance } from '../support/instance.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import { sampled } from '../support/sampled.ts'
import { servedFingerprint } from '../support/third-party.ts'
import { watchProduction } from '../support/watch-production.ts'

const SAMPLE = 5
/** Of no flow: somebody goes back after its end (rollback.test.ts). */
const ELSEWHERE = ['serve-pinned']

describe('the crash matrix', () => {
  it('has a case for every effect that the lifecycle knows', () => {
    const hit = new Set([...ELSEWHERE, ...CRASH_CASES.map(({ failpoint }) => failpoint.split(':')[1])])
    expect(CHANGE_EFFECTS.filter((effect) => !hit.has(effect))).toEqual([])
    expect(CRASH_CASES.length).toBeGreaterThan(250)
    expect(new Set(CRASH_FLOWS.map(({ name }) => name)).size).toBe(CRASH_FLOWS.length)
  })
})

describe.skipIf(!hasOpenssl)(
  'kill -9 at every step of every flow (skipped when the program openssl is missing)',
  () => {
    const around = crashRig()

    /** From this start to its end, with clients that ask production all the time. */
    async function finish(instance: Instance, situation: Situation, flow: CrashFlow): Promise<void> {
      const watch = watchProduction(instance.ready.production, NAME)
      const driven = await carryThrough(instance, situation, flow, around.authority)
      const seen = await watch.end()
      expect(driven.state).toMatch(flow.action === 'removal' ? /completed|gone/ : /completed|cancelled/)
      const now = await servedFingerprint(instance.ready.production, NAME)
      const allowed = [situation.served ?? 'refused', now ?? 'refused']
      // What was served, then what is served; never anything else, never back and forth.
      expect([[], [allowed[0]], [allowed[1]], [...new Set(allowed)]]).toContainEqual(seen)
    }

    it.each(sampled(CRASH_CASES, SAMPLE))('$flow.name, $failpoint', async ({ flow, failpoint }) => {
      const situation = await around.rig.begin(flow)
      try {
        const killed = await killAt(failpoint, situation, flow, around.authority)
        await expectProductionUntouched(situation, flow)
        const restarted = await startInstance(situation.home, situation.env)
        try {
          await finish(restarted, situation, flow)
          await expectTheEnd(situation, flow, restarted, [killed.output(), restarted.output()])
        } catch (error) {
          process.stderr.write(`${restarted.output()}\n`)
          throw error
        } finally {
          expect(await restarted.stop()).toBe(0)
        }
      } finally {
        await situation.close()
      }
    })
  },
)
