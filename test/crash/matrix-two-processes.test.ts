import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { expectTheEnd } from '../support/crash-end.ts'
import { CRASH_CASES, type CrashFlow, NAME } from '../support/crash-flows.ts'
import { carryThrough, crashRig, type Situation } from '../support/crash-rig.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import { sampled } from '../support/sampled.ts'
import { watchProduction } from '../support/watch-production.ts'

const SAMPLE = 1
const FIRES_WITHIN_MS = 20_000
const FLOWS = ['DV, new', 'third-party, change management']
const CASES = CRASH_CASES.filter(({ flow }) => FLOWS.includes(flow.name))

interface Pair {
  readonly workers: readonly [Instance, Instance]
  readonly edge: Instance
}

describe.skipIf(!hasOpenssl)(
  'two processes on one database, one of them killed (skipped when the program openssl is missing)',
  () => {
    const around = crashRig()

    /** Whichever of the two comes to the step kills itself; the edges are a process of their own and live. */
    async function startAll(
      situation: Situation,
      homes: readonly string[],
      failpoint: string,
    ): Promise<Pair> {
      const env = { ...situation.env, CERTRAIL_KEK_FILE: join(situation.home, 'keys', 'kek') }
      const [one = '', other = ''] = homes
      const edge = await startInstance(situation.home, { ...env, CERTRAIL_ROLES: 'edge' })
      const doomed = {
        ...env,
        CERTRAIL_ROLES: 'api,jobs',
        CERTRAIL_FAILPOINT: failpoint,
        // The edges answer on ports of their own, which those who look at challenges cannot know by themselves.
        CERTRAIL_RESOLVER: edge.ready.dns,
        CERTRAIL_VALIDATION_HTTP_PORT: new URL(edge.ready.http).port,
      }
      return { edge, workers: await Promise.all([startInstance(one, doomed), startInstance(other, doomed)]) }
    }

    /** Asks one; when that is the one that dies, the other. */
    async function drive({ workers }: Pair, situation: Situation, flow: CrashFlow): Promise<string> {
      const [asked, other] = workers
      const driven = await carryThrough(asked, situation, flow, around.authority).catch(
        async (error: unknown) => {
          const exit = await Promise.race([asked.exited, pause(1_000, null)])
          if (exit === null) throw error
          return carryThrough(other, situation, flow, around.authority)
        },
      )
      return driven.state
    }

    async function survivorOf({ workers }: Pair): Promise<Instance> {
      const late = pause(FIRES_WITHIN_MS, null, { ref: false })
      const exits = workers.map((worker, index) => worker.exited.then(({ signal }) => ({ index, signal })))
      const first = await Promise.race([...exits, late])
      expect(first?.signal).toBe('SIGKILL')
      expect(workers[first?.index ?? 0]?.output()).toContain('failpoint fired')
      return workers[first?.index === 0 ? 1 : 0]
    }

    it.each(sampled(CASES, SAMPLE))(
      '$flow.name, $failpoint: the other one ends it',
      async ({ flow, failpoint }) => {
        const situation = await around.rig.begin(flow)
        const homes = [await makeHome(), await makeHome()]
        const all = await startAll(situation, homes, failpoint)
        const watch = watchProduction(all.edge.ready.production, NAME)
        try {
          expect(await drive(all, situation, flow)).toBe('completed')
          const survivor = await survivorOf(all)
          await expectTheEnd(
            situation,
            flow,
            { ...survivor, ready: { ...survivor.ready, ...networksOf(all.edge) } },
            [...all.workers, all.edge].map((instance) => instance.output()),
          )
          expect(await survivor.stop()).toBe(0)
          const seen = await watch.end()
          expect([seen[0], new Set(seen).size]).toEqual([situation.served ?? 'refused', seen.length])
        } finally {
          await watch.end()
          await Promise.all([...all.workers, all.edge].map((instance) => instance.stop()))
          await Promise.all(homes.map(removeHome))
          await situation.close()
        }
      },
    )
  },
)

const networksOf = ({ ready: { staging, production } }: Instance) => ({ staging, production })
