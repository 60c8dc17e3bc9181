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

interface Waiting {
  readonly enrollment: string
  readonly change: string
  readonly requests: readonly { readonly csr: string; readonly keyAlgorithm: 'RSA' | 'ECDSA' }[]
}

describe.skipIf(!hasOpenssl)('third-party certificates (skipped when the program openssl is missing)', () => {
  const outside = instanceAndAuthority()

  async function waitForUpload(cn: string, overrides: Record<string, unknown> = {}): Promise<Waiting> {
    const { client, ready } = outside.instance
    const created = await createEnrollment(client, ready.contract, thirdPartyEnrollment(cn, [], overrides))
    const resting = await followChange(client, created.change, ({ state }) => state === 'awaiting-input')
    expect(resting.body.statusInfo.status).toBe('wait-upload-third-party')
    expect(resting.body.allowedInput[0].type).toBe('third-party-certificate')
    const requests = await readSigningRequests(client, created.change)
    expect(requests.status).toBe(200)
    return { ...created, requests: requests.body.csrs }
  }
  const statusOf = async (change: string) =>
    (await readChange(outside.instance.client, change)).body.statusInfo.status
  const signed = (waiting: Waiting, algorithm: 'RSA' | 'ECDSA') =>
    outside.authority.sign(waiting.requests.find(({ keyAlgorithm }) => keyAlgorithm === algorithm)?.csr ?? '')
  const complete = async (change: string) => {
    const ended = await followChange(
      outside.instance.client,
      change,
      ({ state }) => state === 'completed' || state === 'error',
    )
    expect(ended.body.statusInfo).toMatchObject({ state: 'completed', status: 'complete', error: null })
  }

  it('stops on staging for the acknowledgement; only the right hash takes the certificate to production', async () => {
    const name = 'www.outside.example'
    const { client, ready } = outside.instance
    const waiting = await waitForUpload(name)
    expect(waiting.requests.map(({ keyAlgorithm }) => keyAlgorithm)).toEqual(['RSA'])
    const certificate = await signed(waiting, 'RSA')
    const chain = outside.authority.intermediatePem

    const uploaded = await uploadTo(client, waiting.change, [
      { keyAlgorithm: 'RSA', certificate, trustChain: chain },
    ])
    expect([uploaded.status, uploaded.text]).toEqual([200, expect.stringContaining('change')])
    expect(await statusOf(waiting.change)).not.toBe('wait-upload-third-party')
    const resting = await followChange(client, waiting.change, ({ state }) => state === 'awaiting-input')
    expect(resting.body.statusInfo.status).toBe('wait-ack-change-management')
    expect(await servedFingerprint(ready.staging, name)).toBe(fingerprintOf(certificate))
    expect(await servedFingerprint(ready.production, name)).toBeNull()

    const info = await readChangeManagement(client, waiting.change)
    expect(info.status).toBe(200)
    expect(info.body.validationResultHash).toMatch(/^[0-9a-f]{40}$/)
    expect(info.body.acknowledgementDeadline).toBeNull()
    expect(fingerprintOf(info.body.pendingState.pendingCertificates[0].fullCertificate)).toBe(
      fingerprintOf(certificate),
    )
    expect((await readSigningRequests(client, waiting.change)).body.csrs).toEqual(waiting.requests)

    const wrong = await acknowledgeChangeManagement(client, waiting.change, '0'.repeat(40))
    expect([wrong.status, wrong.body.title]).toEqual([409, 'Hash mismatch'])
    expect(wrong.text).not.toContain(info.body.validationResultHash)
    expect(await statusOf(waiting.change)).toBe('wait-ack-change-management')

    const right = await acknowledgeChangeManagement(client, waiting.change, info.body.validationResultHash)
    expect(right.status).toBe(200)
    expect(await statusOf(waiting.change)).not.toBe('wait-ack-change-management')
    await complete(waiting.change)
    expect(await servedFingerprint(ready.production, name)).toBe(fingerprintOf(certificate))
    expect((await acknowledgeChangeManagement(client, waiting.change)).status).toBe(404)
    expect((await readSigningRequests(client, waiting.change)).status).toBe(404)
    expect((await uploadTo(client, waiting.change, [{ keyAlgorithm: 'RSA', certificate }])).status).toBe(404)
    expect((await readChangeManagement(client, waiting.change)).status).toBe(404)
  })

  it('gives another certificate another hash, and refuses the hash of the other change', async () => {
    const { client } = outside.instance
    const hashes: string[] = []
    const changes: string[] = []
    for (const cn of ['one.hash.example', 'two.hash.example']) {
      const waiting = await waitForUpload(cn)
      await uploadTo(client, waiting.change, [
        {
          keyAlgorithm: 'RSA',
          certificate: await signed(waiting, 'RSA'),
          trustChain: outside.authority.intermediatePem,
        },
      ])
      await followChange(client, waiting.change, ({ status }) => status === 'wait-ack-change-management')
      hashes.push((await readChangeManagement(client, waiting.change)).body.validationResultHash)
      changes.push(waiting.change)
    }
    expect(hashes[0]).not.toBe(hashes[1])
    expect((await acknowledgeChangeManagement(client, changes[1] ?? '', hashes[0])).status).toBe(409)
    expect((await acknowledgeChangeManagement(client, changes[1] ?? '')).status).toBe(200)
    await complete(changes[1] ?? '')
    const denied = await acknowledgeChangeManagement(client, changes[0] ?? '', hashes[0], 'deny')
    expect(denied.status).toBe(200)
    expect((await readChange(client, changes[0] ?? '')).body.statusInfo.state).toBe('cancelled')
    expect(await servedFingerprint(outside.instance.ready.staging, 'one.hash.example')).toBeNull()
  })

  it('serves both certificates of a dual stack that came in one call', async () => {
    const name = 'dual.outside.example'
    const { client, ready } = outside.instance
    const waiting = await waitForUpload(name, {
      enableMultiStackedCertificates: true,
      changeManagement: false,
    })
    expect(waiting.requests.map(({ keyAlgorithm }) => keyAlgorithm)).toEqual(['ECDSA', 'RSA'])
    const [ecdsa, rsa] = [await signed(waiting, 'ECDSA'), await signed(waiting, 'RSA')]
    const trustChain = outside.authority.intermediatePem
    const uploaded = await uploadTo(client, waiting.change, [
      { keyAlgorithm: 'ECDSA', certificate: ecdsa, trustChain },
      { keyAlgorithm: 'RSA', certificate: rsa, trustChain },
    ])
    expect(uploaded.status).toBe(200)
    await complete(waiting.change)
    for (const address of [ready.staging, ready.production]) {
      expect(await servedFingerprint(address, name)).toBe(fingerprintOf(ecdsa))
      expect(await servedFingerprint(address, name, true)).toBe(fingerprintOf(rsa))
    }
  })

  it('is not held by the missing one of a dual stack, and a later change adds it without losing the first', async () => {
    const name = 'later.outside.example'
    const { client, ready } = outside.instance
    const overrides = { enableMultiStackedCertificates: true, changeManagement: false }
    const waiting = await waitForUpload(name, overrides)
    const rsa = await signed(waiting, 'RSA')
    const trustChain = outside.authority.intermediatePem
    await uploadTo(client, waiting.change, [{ keyAlgorithm: 'RSA', certificate: rsa, trustChain }])
    await complete(waiting.change)

    const added = await client.call('PUT', `${waiting.enrollment}?allow-missing-certificate-addition=true`, {
      accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
      contentType: 'application/vnd.akamai.cps.enrollment.v11+json',
      body: thirdPartyEnrollment(name, [], overrides),
    })
    expect([added.status, added.text]).toEqual([202, expect.anything()])
    const change = added.body.changes[0]
    await followChange(client, change, ({ status }) => status === 'wait-upload-third-party')
    const requests = (await readSigningRequests(client, change)).body.csrs
    const ecdsa = await signed({ ...waiting, requests }, 'ECDSA')
    await uploadTo(client, change, [{ keyAlgorithm: 'ECDSA', certificate: ecdsa, trustChain }])
    await complete(change)
    expect(await servedFingerprint(ready.production, name)).toBe(fingerprintOf(ecdsa))
    expect(await servedFingerprint(ready.production, name, true)).toBe(fingerprintOf(rsa))
  })

  it('reviews findings, and takes another upload meanwhile', async () => {
    const name = 'review.outside.example'
    const { client, ready } = outside.instance
    const waiting = await waitForUpload(name, { changeManagement: false })
    const [csr] = waiting.requests
    const unchained = await outside.authority.sign(csr?.csr ?? '')
    // The root stands in the chain: found, shown, and left out of what is served.
    const trustChain = outside.authority.rootPem
    await uploadTo(client, waiting.change, [{ keyAlgorithm: 'RSA', certificate: unchained, trustChain }])
    const resting = await followChange(client, waiting.change, ({ state }) => state === 'awaiting-input')
    expect(resting.body.statusInfo.status).toBe('wait-review-third-party-cert')
    const warnings = await client.call('GET', resting.body.allowedInput[0].info, {
      accept: 'application/vnd.akamai.cps.warnings.v1+json',
    })
    expect(warnings.body.warnings.length).toBeGreaterThan(0)
    expect((await readSigningRequests(client, waiting.change)).body.csrs).toEqual(waiting.requests)
    expect((await readChangeManagement(client, waiting.change)).status).toBe(404)

    const better = await outside.authority.sign(csr?.csr ?? '')
    await uploadTo(client, waiting.change, [
      { keyAlgorithm: 'RSA', certificate: better, trustChain: outside.authority.intermediatePem },
    ])
    await complete(waiting.change)
    expect(await servedFingerprint(ready.production, name)).toBe(fingerprintOf(better))
  })
})
