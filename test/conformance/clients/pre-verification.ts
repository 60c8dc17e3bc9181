import { beforeAll, describe, expect, it } from 'vitest'
import { dvBody } from './bodies.ts'
import { createGoSdkClient, type GoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, cps, passPollInterval, type Tenant } from './rig.ts'
import { liveDv, startEnrollment, type Started } from './steps.ts'

/** What clients do about pre-verification warnings; in an installation with CERTRAIL_PRE_VERIFICATION=review. */
export function preVerificationChecklist(rig: () => ClientRig): void {
  describe('Pre-verification warnings', () => {
    const REVIEW = 'wait-review-pre-verification-safety-checks'
    let tenant: Tenant
    let sdk: GoSdkClient
    let waiting: Started

    /** A second enrollment for a name that is live on the other network: the warning that the published sample has. */
    const startReviewed = (cn: string) =>
      startEnrollment(
        sdk,
        tenant,
        dvBody(cn, ['www.preverify.example'], {
          networkConfiguration: {
            ...dvBody('x').networkConfiguration,
            secureNetwork: 'standard-tls',
          },
        }),
      )

    beforeAll(async () => {
      tenant = await rig().tenant('preverify')
      sdk = createGoSdkClient(tenant)
      await liveDv(sdk, tenant, 'www.preverify.example')
      waiting = await startReviewed('first.preverify.example')
    })
    const read = (change: string) =>
      sdk.call('GET', `${change}/input/info/pre-verification-warnings`, { accept: 'warnings.v1' })

    it('D2.1-6 the loop meets the review with allowedInput[0] from its first look to its second, and for good', async () => {
      for (let count = 1; count <= 2; count += 1) {
        const look = await sdk.status(waiting.change)
        expect(look).toMatchObject({ status: REVIEW, state: 'awaiting-input', errorText: '' })
        expect(look.inputs[0]?.type).toBe('pre-verification-warnings-acknowledgement')
        await passPollInterval(tenant.client, waiting.change)
      }
    })

    it('D1-10 GetChangePreVerificationWarnings: 200, a text without header line', async () => {
      const { status, body } = await read(waiting.change)
      expect(status).toBe(200)
      expect(body.warnings).toMatch(/^\S.*www\.preverify\.example/)
      expect(body.warnings).not.toContain('[WARNINGS]')
    })

    it('D2.1-7 without acknowledge_pre_verification_warnings the apply fails; a later apply finds the same warnings', async () => {
      const first = (await read(waiting.change)).body.warnings
      expect((await read(waiting.change)).body.warnings).toBe(first)
      const { body } = await sdk.call('GET', waiting.enrollment, { accept: 'enrollment.v11' })
      expect(body.pendingChanges[0].location).toBe(waiting.change)
    })

    it('D2.1-8 POST ack: 200, and the very next GET shows domain validation, so that it is not acknowledged twice', async () => {
      expect((await sdk.acknowledge(waiting.change, 'pre-verification-warnings-ack')).status).toBe(200)
      const look = await sdk.status(waiting.change)
      expect(look.status).not.toBe(REVIEW)
      await passPollInterval(tenant.client, waiting.change)
      expect((await sdk.status(waiting.change)).inputs[0]?.type).toBe('lets-encrypt-challenges')
      expect((await read(waiting.change)).status).toBe(404)
      expect((await sdk.acknowledge(waiting.change, 'pre-verification-warnings-ack')).status).toBe(404)
    })

    it('D3-16 the Python CLI does not know this type: the change can be cancelled by it all the same', async () => {
      const { change } = await startReviewed('second.preverify.example')
      const look = await tenant.client.call('GET', change, { accept: cps('change.v1') })
      expect(look.body.allowedInput[0].type).toBe('pre-verification-warnings-acknowledgement')
      const cancelled = await tenant.client.call('DELETE', change, { accept: cps('change-id.v1') })
      expect([cancelled.status, cancelled.body]).toEqual([200, { change }])
    })
  })
}
