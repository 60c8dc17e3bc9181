import { describe, expect, it } from 'vitest'
import { createEnrollment, followChange, readChange } from '../support/enrollments.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import { instanceAndAuthority } from '../support/outside-frame.ts'
import {
  acknowledgeChangeManagement,
  fingerprintOf,
  readChangeManagement,
  readSigningRequests,
  servedFingerprint,
  thirdPartyEnrollment,
  uploadTo,
} from '../support/third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

describe.skipIf(!hasOpenssl)(
  'another upload while the acknowledgement is waited for (skipped when the program openssl is missing)',
  () => {
    const outside = instanceAndAuthority()

    const until = (change: string, status: string) =>
      followChange(
        outside.instance.client,
        change,
        (info) => info.status === status || info.state === 'error',
      )
    const staged = (name: string) => servedFingerprint(outside.instance.ready.staging, name)
    const live = (name: string) => servedFingerprint(outside.instance.ready.production, name)
    const put = (change: string, certificate: string, trustChain = outside.authority.intermediatePem) =>
      uploadTo(outside.instance.client, change, [{ keyAlgorithm: 'RSA', certificate, trustChain }])

    async function signedFor(change: string): Promise<string> {
      const { body } = await readSigningRequests(outside.instance.client, change)
      return outside.authority.sign(body.csrs[0].csr)
    }

    /** Uploaded and followed to the acknowledgement. */
    async function stage(change: string): Promise<{ readonly fingerprint: string; readonly hash: string }> {
      const certificate = await signedFor(change)
      expect((await put(change, certificate)).status).toBe(200)
      const { body } = await until(change, 'wait-ack-change-management')
      expect(body.allowedInput.map(({ type }: { type: string }) => type)).toEqual(['change-management'])
      const { body: info } = await readChangeManagement(outside.instance.client, change)
      const fingerprint = fingerprintOf(certificate)
      expect(fingerprintOf(info.pendingState.pendingCertificates[0].fullCertificate)).toBe(fingerprint)
      return { fingerprint, hash: info.validationResultHash }
    }

    async function begin(name: string) {
      const { client, ready } = outside.instance
      const created = await createEnrollment(client, ready.contract, thirdPartyEnrollment(name))
      await until(created.change, 'wait-upload-third-party')
      return created
    }

    const deployedOn = async (enrollment: string, network: string) => {
      const { body } = await outside.instance.client.call('GET', `${enrollment}/deployments`, {
        accept: cps('deployments.v7'),
      })
      const pem = body[network]?.primaryCertificate?.certificate
      return pem === undefined ? null : fingerprintOf(pem)
    }

    it('is staged and frozen anew; cancelling brings back what served before the change, not the first of its uploads', async () => {
      const name = 'anew.upload.example'
      const { client } = outside.instance
      const { enrollment, change: first } = await begin(name)
      const before = await stage(first)
      expect((await acknowledgeChangeManagement(client, first, before.hash)).status).toBe(200)
      await until(first, 'complete')

      const wider = thirdPartyEnrollment(name, ['more.anew.upload.example'])
      const response = await client.call('PUT', enrollment, {
        accept: cps('enrollment-status.v1'),
        contentType: cps('enrollment.v11'),
        body: wider,
      })
      const [change] = response.body.changes
      await until(change, 'wait-upload-third-party')
      const one = await stage(change)
      const other = await stage(change)
      expect(other.hash).not.toBe(one.hash)
      expect([await staged(name), await live(name)]).toEqual([other.fingerprint, before.fingerprint])
      expect(await staged('more.anew.upload.example')).toBe(other.fingerprint)

      const refused = await acknowledgeChangeManagement(client, change, one.hash)
      expect([refused.status, refused.body.title]).toEqual([409, 'Hash mismatch'])
      expect((await acknowledgeChangeManagement(client, change, other.hash, 'deny')).status).toBe(200)
      await expect.poll(() => staged(name), { timeout: 10_000 }).toBe(before.fingerprint)
      expect(await staged('more.anew.upload.example')).toBeNull()
      expect(await deployedOn(enrollment, 'staging')).toBe(before.fingerprint)
      expect(await live(name)).toBe(before.fingerprint)
      const history = await client.call('GET', `${enrollment}/history/certificates`, {
        accept: cps('certificate-history.v2'),
      })
      const shown = history.body.certificates.map(
        (entry: { primaryCertificate: { certificate: string }; stagingStatus: string }) => [
          fingerprintOf(entry.primaryCertificate.certificate),
          entry.stagingStatus,
        ],
      )
      expect(shown).toEqual([
        [other.fingerprint, 'inactive'],
        [one.fingerprint, 'inactive'],
        [before.fingerprint, 'active'],
      ])
    })

    it('with findings is reviewed first; denied there, staging goes dark where it was dark before', async () => {
      const name = 'found.upload.example'
      const { client } = outside.instance
      const { change } = await begin(name)
      const one = await stage(change)
      expect((await put(change, await signedFor(change), outside.authority.rootPem)).status).toBe(200)
      await until(change, 'wait-review-third-party-cert')
      expect(await staged(name)).toBe(one.fingerprint)
      expect((await readChangeManagement(client, change)).status).toBe(404)
      expect((await acknowledgeChangeManagement(client, change, one.hash)).status).toBe(404)
      const denied = await client.call('POST', `${change}/input/update/post-verification-warnings-ack`, {
        accept: cps('change-id.v1'),
        contentType: cps('acknowledgement.v1'),
        body: { acknowledgement: 'deny' },
      })
      expect(denied.status).toBe(200)
      await expect.poll(() => staged(name), { timeout: 10_000 }).toBeNull()
      expect((await readChange(client, change)).body.statusInfo.state).toBe('cancelled')
    })

    it('that cannot be used changes nothing, nor does one once it is acknowledged', async () => {
      const name = 'kept.upload.example'
      const { client } = outside.instance
      const { change } = await begin(name)
      const one = await stage(change)
      const stranger = await signedFor((await begin('stranger.upload.example')).change)
      const refused = await put(change, stranger)
      expect([refused.status, refused.body.errors[0].field]).toEqual([
        400,
        '/certificatesAndTrustChains/0/certificate',
      ])
      const { body: info } = await readChangeManagement(client, change)
      expect([info.validationResultHash, await staged(name)]).toEqual([one.hash, one.fingerprint])
      const late = await signedFor(change)
      expect((await acknowledgeChangeManagement(client, change, one.hash)).status).toBe(200)
      await until(change, 'complete')
      expect((await put(change, late)).status).toBe(404)
      expect(await live(name)).toBe(one.fingerprint)
    })
  },
)
