import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/domain/change/content.ts'
import { CRASH_FLOWS, type CrashFlow } from '../support/crash-flows.ts'
import { crashRig, locationOfChange, type Situation } from '../support/crash-rig.ts'
import { followChange } from '../support/enrollments.ts'
import { type Instance, startInstance } from '../support/instance.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import {
  acknowledgeChangeManagement,
  readChangeManagement,
  readSigningRequests,
  uploadTo,
} from '../support/third-party.ts'

const FLOW = CRASH_FLOWS.find(({ name }) => name === 'third-party, change management') as CrashFlow
/** After the edges were told and met, before it is kept; before, within and after the freezing. */
const FAILPOINTS = [
  'during:deploy-to-staging',
  'before:freeze-content',
  'during:freeze-content',
  'after:freeze-content',
] as const
const isLong = process.env['CERTRAIL_TEST_LONG'] === '1'

describe.skipIf(!hasOpenssl)(
  'killed around the comparison (skipped when the program openssl is missing)',
  () => {
    const around = crashRig()

    /** Until the process has killed itself; nobody acknowledges anything meanwhile. */
    async function killed(failpoint: string, situation: Situation): Promise<Instance> {
      const doomed = await startInstance(situation.home, { ...situation.env, CERTRAIL_FAILPOINT: failpoint })
      const change = await FLOW.begin(doomed, situation.enrollment)
      await followChange(doomed.client, change, ({ status }) => status === 'wait-upload-third-party')
      const [request] = (await readSigningRequests(doomed.client, change)).body.csrs
      const certificate = await around.authority.sign(request.csr)
      const trustChain = around.authority.intermediatePem
      // The call waits for the change to rest, so it may end with the process.
      await uploadTo(doomed.client, change, [{ keyAlgorithm: 'RSA', certificate, trustChain }]).catch(
        () => null,
      )
      expect((await doomed.exited).signal).toBe('SIGKILL')
      expect(doomed.output()).toContain('failpoint fired')
      return doomed
    }

    it.each(isLong ? FAILPOINTS : FAILPOINTS.slice(0, 2))(
      '%s: what is acknowledged afterwards is one comparison, under its hash',
      { timeout: 120_000 },
      async (failpoint) => {
        const situation = await around.rig.begin(FLOW)
        try {
          await killed(failpoint, situation)
          const change = await locationOfChange(situation)
          if (change === null) throw new Error('no change was begun')
          const restarted = await startInstance(situation.home, situation.env)
          try {
            const { client } = restarted
            await followChange(client, change, ({ status }) => status === 'wait-ack-change-management')
            const hash: string = (await readChangeManagement(client, change)).body.validationResultHash
            const { document } = (
              await client.call('GET', `${change.replace('/cps/v2', '/certrail/v1')}/explain`)
            ).body
            expect(createHash('sha256').update(canonicalJson(document)).digest('hex').slice(0, 40)).toBe(hash)
            const ids = document.comparison.differences.map(({ id }: { id: string }) => id)
            expect(ids).toContain('names-gained')
            const { rows } = await situation.database.pool.query('select 1 from comparisons')
            // Its own, and that of what is live.
            expect(rows).toHaveLength(2)
            expect((await acknowledgeChangeManagement(client, change, hash)).status).toBe(200)
            await followChange(client, change, ({ state }) => state === 'completed')
          } finally {
            expect(await restarted.stop()).toBe(0)
          }
        } finally {
          await situation.close()
        }
      },
    )
  },
)
