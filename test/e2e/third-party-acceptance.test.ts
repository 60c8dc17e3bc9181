import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEnrollment, readChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { hasOpenssl, makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import {
  acknowledgeChangeManagement,
  fingerprintOf,
  readChangeManagement,
  readSigningRequests,
  servedFingerprint,
  thirdPartyEnrollment,
  uploadTo,
} from '../support/third-party.ts'

const NAME = 'www.acceptance.example'
const MOST_LOOKS = 60

/** Where the process kills itself, once; null: nowhere. */
const FAILPOINTS = [
  null,
  'after:verify-third-party-cert',
  'before:deploy-cert-to-production',
  'after:deploy-cert-to-production',
] as const

describe.skipIf(!hasOpenssl)(
  'a third-party enrollment with change management, from its signing request to production (skipped when the program openssl is missing)',
  () => {
    let authority: OutsideAuthority
    let home: string
    let instance: Instance
    let kills = 0
    beforeAll(async () => {
      authority = await makeOutsideAuthority()
    })
    afterAll(() => authority.close())
    beforeEach(async () => {
      home = await makeHome()
      kills = 0
    })
    afterEach(async () => {
      expect(await instance.stop()).toBe(0)
      await removeHome(home)
    })

    /** What a pipeline does that lost its connection: the service is started again, and asked again. */
    async function surely<T>(call: () => Promise<T>): Promise<T> {
      try {
        return await call()
      } catch (error) {
        if (!(await isStartedAgain())) throw error
        return await call()
      }
    }

    async function isStartedAgain(): Promise<boolean> {
      const { signal } = await instance.exited
      if (signal !== 'SIGKILL') return false
      kills += 1
      instance = await startInstance(home)
      return true
    }

    async function until(change: string, status: string): Promise<void> {
      const seen: string[] = []
      for (let look = 0; look < MOST_LOOKS; look += 1) {
        const { body } = await surely(() => readChange(instance.client, change, look === 0 ? undefined : 5))
        seen.push(`${body.statusInfo.status} (${body.statusInfo.state})`)
        if (body.statusInfo.status === status) return
        expect(body.statusInfo).toMatchObject({ error: null })
      }
      throw new Error(`never in ${status}: ${seen.join(', ')}`)
    }

    const statusOf = async (change: string) =>
      (await surely(() => readChange(instance.client, change))).body.statusInfo.status

    /** An answer that a kill swallowed may have been a yes: whoever asks looks first where the change is. */
    async function upload(change: string, certificate: string, while_: string): Promise<void> {
      const { status } = await surely(async () => {
        if ((await statusOf(change)) !== while_) return { status: 200 }
        const trustChain = authority.intermediatePem
        return uploadTo(instance.client, change, [{ keyAlgorithm: 'RSA', certificate, trustChain }])
      })
      expect(status).toBe(200)
    }

    const staged = () => servedFingerprint(instance.ready.staging, NAME)
    const live = () => servedFingerprint(instance.ready.production, NAME)
    const hashOf = async (change: string): Promise<string> =>
      (await readChangeManagement(instance.client, change)).body.validationResultHash

    it.each(FAILPOINTS)('with a kill %s, always to the same end', async (failpoint) => {
      instance = await startInstance(home, failpoint === null ? {} : { CERTRAIL_FAILPOINT: failpoint })
      const { change, enrollment } = await createEnrollment(
        instance.client,
        instance.ready.contract,
        thirdPartyEnrollment(NAME),
      )
      await until(change, 'wait-upload-third-party')
      const { csrs } = (await readSigningRequests(instance.client, change)).body
      expect(csrs.map(({ keyAlgorithm }: { keyAlgorithm: string }) => keyAlgorithm)).toEqual(['RSA'])
      const [one, other] = [await authority.sign(csrs[0].csr), await authority.sign(csrs[0].csr)]

      await upload(change, one, 'wait-upload-third-party')
      await until(change, 'wait-ack-change-management')
      expect([await staged(), await live()]).toEqual([fingerprintOf(one), null])
      const earlier = await hashOf(change)

      await upload(change, other, 'wait-ack-change-management')
      await until(change, 'wait-ack-change-management')
      expect([await staged(), await live()]).toEqual([fingerprintOf(other), null])
      const hash = await hashOf(change)
      expect(hash).not.toBe(earlier)

      const refused = await acknowledgeChangeManagement(instance.client, change, earlier)
      expect([refused.status, refused.body.title]).toEqual([409, 'Hash mismatch'])
      expect([await statusOf(change), await live()]).toEqual(['wait-ack-change-management', null])
      const accepted = await surely(async () =>
        (await statusOf(change)) === 'wait-ack-change-management'
          ? acknowledgeChangeManagement(instance.client, change, hash)
          : { status: 200 },
      )
      expect(accepted.status).toBe(200)
      await until(change, 'complete')
      // The last answer may have come a moment before the kill.
      if (failpoint !== null && kills === 0) expect(await isStartedAgain()).toBe(true)
      expect([await staged(), await live()]).toEqual([fingerprintOf(other), fingerprintOf(other)])
      expect(kills).toBe(failpoint === null ? 0 : 1)

      const shown = await instance.client.call('GET', enrollment, {
        accept: 'application/vnd.akamai.cps.enrollment.v11+json',
      })
      expect(shown.body).toMatchObject({ pendingChanges: [], autoRenewalStartTime: expect.any(String) })
    })
  },
)
