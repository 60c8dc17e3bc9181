import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, HOUR, type Instant, instant, MINUTE, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { hasOpenssl, makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import { thirdPartySettings } from '../support/third-party-settings.ts'

const CN = 'www.tp-renewal.example'
const openSslTime = (at: Instant): string =>
  `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '')}Z`

/** spec: behaviour C6.3, C7, G1: the renewal begins by itself, waits for its upload, and goes to production at the latest when the live certificate is about to expire. */
describe.skipIf(!hasOpenssl)(
  'the renewal of a third-party certificate (skipped when the program openssl is missing)',
  () => {
    let running: InProcess
    let authority: OutsideAuthority
    beforeAll(async () => {
      ;[running, authority] = await Promise.all([startInProcess(), makeOutsideAuthority()])
    })
    afterAll(async () => {
      await authority.close()
      await running.close()
    })

    const now = () => running.services.deps.clocks.lifecycle.now()
    const advanceTo = (to: Instant) => running.useCases.advanceClock(running.caller, { to })
    const until = (ref: ChangeReference, status: string) =>
      vi.waitFor(
        async () => expect((await running.useCases.getChange(running.caller, ref)).status).toBe(status),
        { timeout: 20_000 },
      )
    const requestOf = async (ref: ChangeReference) => {
      await until(ref, 'wait-upload-third-party')
      const [request] = await running.useCases.getSigningRequests(running.caller, ref)
      return request?.pem ?? ''
    }
    async function upload(ref: ChangeReference): Promise<X509Certificate> {
      const certificate = await authority.sign(await requestOf(ref), {
        from: openSslTime(plus(now(), -HOUR)),
        to: openSslTime(plus(now(), 90 * DAY)),
      })
      await running.useCases.uploadCertificates(running.caller, ref, [
        { keyAlgorithm: 'RSA', certificate, trustChain: authority.intermediatePem },
      ])
      await until(ref, 'wait-ack-change-management')
      return new X509Certificate(certificate)
    }
    const pendingOf = async (enrollmentId: EnrollmentId): Promise<ChangeReference> => {
      const { pendingChanges } = await running.useCases.getEnrollment(running.caller, enrollmentId)
      expect(pendingChanges.map(({ action }) => action)).toEqual(['renewal'])
      return { enrollmentId, changeId: pendingChanges[0]?.changeId as ChangeReference['changeId'] }
    }
    const served = () =>
      new Promise<string>((resolve, reject) => {
        const address = running.services.edgeSide?.networks.get('production')?.network.addresses[0]
        const socket = connect({ ...address, servername: CN, rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().fingerprint256)
          socket.destroy()
        })
        socket.on('error', reject)
      })

    it('begins by itself, with another key each time it begins, and is released by the deadline alone', async () => {
      const { useCases, caller } = running
      const first = await useCases.createEnrollment(caller, {
        contractId: contractId('1-SANDBOX'),
        settings: { ...thirdPartySettings(CN), changeManagement: true },
        schedule: { notBefore: null, notAfter: null },
        allowDuplicateCn: false,
      })
      const { enrollmentId } = first
      const old = await upload(first)
      await useCases.acknowledgeChangeManagement(caller, first, 'acknowledge', null)
      await until(first, 'complete')
      const { autoRenewalStartTime } = await useCases.getEnrollment(caller, enrollmentId)
      if (autoRenewalStartTime === null) throw new Error('no renewal is planned')

      await advanceTo(autoRenewalStartTime)
      const cancelled = await pendingOf(enrollmentId)
      const earlier = await requestOf(cancelled)
      await useCases.cancelChange(caller, cancelled)
      await advanceTo(plus(now(), 31 * MINUTE))
      const renewal = await pendingOf(enrollmentId)
      expect(await requestOf(renewal)).not.toBe(earlier)
      await advanceTo(plus(now(), 2 * DAY))
      await until(renewal, 'wait-upload-third-party')
      expect(await served()).toBe(old.fingerprint256)

      const fresh = await upload(renewal)
      const { acknowledgementDeadline } = await useCases.getChangeManagementInfo(caller, renewal)
      const deadline = plus(instant(Date.parse(old.validTo)), -7 * DAY)
      expect(acknowledgementDeadline).toBe(deadline)
      await advanceTo(plus(deadline, -MINUTE))
      await until(renewal, 'wait-ack-change-management')
      expect(await served()).toBe(old.fingerprint256)
      await advanceTo(plus(deadline, MINUTE))
      await until(renewal, 'complete')
      expect(await served()).toBe(fresh.fingerprint256)
      const { timeline } = await useCases.explain(caller, renewal)
      const passed = timeline.find(({ event }) => event === 'deadline-passed')
      expect(passed?.at).toBe(deadline)
      const next = (await useCases.getEnrollment(caller, enrollmentId)).autoRenewalStartTime
      expect(next).toBeGreaterThan(plus(autoRenewalStartTime, 20 * DAY))
    }, 60_000)
  },
)
