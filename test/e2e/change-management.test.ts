import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/domain/change/content.ts'
import { createEnrollment, followChange, readChange } from '../support/enrollments.ts'
import { hasOpenssl, type OutsideAuthority } from '../support/outside-authority.ts'
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

const run = promisify(execFile)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const openSslTime = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '')}Z`

describe.skipIf(!hasOpenssl)('change management (skipped when the program openssl is missing)', () => {
  const outside = instanceAndAuthority()

  /** Signed, uploaded, its findings acknowledged: until it waits for more, or has ended. */
  async function upload(change: string, options: Parameters<OutsideAuthority['sign']>[1]): Promise<string> {
    const { client } = outside.instance
    await followChange(client, change, ({ status }) => status === 'wait-upload-third-party')
    const requests = (await readSigningRequests(client, change)).body.csrs
    const certificate = await outside.authority.sign(requests[0].csr, options)
    await uploadTo(client, change, [
      { keyAlgorithm: 'RSA', certificate, trustChain: outside.authority.intermediatePem },
    ])
    const { body } = await followChange(
      client,
      change,
      ({ state }) => state === 'awaiting-input' || state === 'completed',
    )
    if (body.statusInfo.status === 'wait-review-third-party-cert') {
      await client.call('POST', `${change}/input/update/post-verification-warnings-ack`, {
        accept: 'application/vnd.akamai.cps.change-id.v1+json',
        contentType: 'application/vnd.akamai.cps.acknowledgement.v1+json',
        body: { acknowledgement: 'acknowledge' },
      })
    }
    return certificate
  }
  const until = (change: string, status: string) =>
    followChange(outside.instance.client, change, (info) => info.status === status || info.state === 'error')

  async function live(cn: string, options: Parameters<OutsideAuthority['sign']>[1]) {
    const { client, ready } = outside.instance
    const created = await createEnrollment(client, ready.contract, thirdPartyEnrollment(cn))
    const certificate = await upload(created.change, options)
    await until(created.change, 'wait-ack-change-management')
    expect((await acknowledgeChangeManagement(client, created.change)).status).toBe(200)
    await until(created.change, 'complete')
    return { ...created, certificate }
  }

  async function renew(enrollment: string, cn: string, query = ''): Promise<string> {
    const response = await outside.instance.client.call('PUT', `${enrollment}?force-renewal=true${query}`, {
      accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
      contentType: 'application/vnd.akamai.cps.enrollment.v11+json',
      body: thirdPartyEnrollment(cn),
    })
    expect([response.status, response.text]).toEqual([202, expect.anything()])
    return response.body.changes[0]
  }
  const explain = async (change: string) =>
    (await outside.instance.client.call('GET', `${change.replace('/cps/v2', '/certrail/v1')}/explain`)).body

  it('waits until seven days before the live certificate expires, and explains itself', async () => {
    const cn = 'renewed.example'
    const { client, ready } = outside.instance
    const first = await live(cn, { days: 90 })
    const change = await renew(first.enrollment, cn)
    const certificate = await upload(change, { days: 90 })
    await until(change, 'wait-ack-change-management')

    const expiry = new X509Certificate(first.certificate).validTo
    const deadline = new Date(Date.parse(expiry) - 7 * DAY).toISOString().slice(0, 19)
    const { body: info } = await readChangeManagement(client, change)
    expect(info.acknowledgementDeadline).toBe(`${deadline}Z`)

    const explained = await explain(change)
    expect(explained.until).toBe(`${deadline}Z`)
    expect(explained.otherwise).toMatch(/production/)
    const hash = createHash('sha256').update(canonicalJson(explained.document)).digest('hex').slice(0, 40)
    expect(hash).toBe(info.validationResultHash)
    expect(explained.moves.some(({ how }: { how: string }) => how.includes(hash))).toBe(true)
    const look = explained.moves.find(({ how }: { how: string }) => how.startsWith('openssl'))
    const { stdout } = await run('sh', ['-c', `${look.how} 2>/dev/null`])
    expect(fingerprintOf(stdout.slice(stdout.indexOf('-----BEGIN')))).toBe(fingerprintOf(certificate))
    expect(explained.moves.some(({ how }: { how: string }) => how.startsWith('curl'))).toBe(true)

    expect(await servedFingerprint(ready.production, cn)).toBe(fingerprintOf(first.certificate))
    expect((await acknowledgeChangeManagement(client, change, undefined, 'deny')).status).toBe(200)
    expect((await readChange(client, change)).body.statusInfo.state).toBe('cancelled')
    expect((await acknowledgeChangeManagement(client, change)).status).toBe(404)
    await followStaging(cn, fingerprintOf(first.certificate))
    expect(await servedFingerprint(ready.production, cn)).toBe(fingerprintOf(first.certificate))
  })

  it('goes to production without an acknowledgement when what is live is about to expire', async () => {
    const cn = 'expiring.example'
    // A twelfth of ten hours and a half is more than what is left of it.
    const first = await live(cn, {
      from: openSslTime(Date.now() - 10 * HOUR),
      to: openSslTime(Date.now() + HOUR / 2),
    })
    const change = await renew(first.enrollment, cn)
    const certificate = await upload(change, { days: 90 })
    const ended = await until(change, 'complete')
    expect(ended.body.statusInfo.state).toBe('completed')
    expect((await explain(change)).timeline.map(({ event }: { event: string }) => event)).toContain(
      'deadline-passed',
    )
    expect(await servedFingerprint(outside.instance.ready.production, cn)).toBe(fingerprintOf(certificate))
  })

  it('of network settings alone stops likewise, with the certificate that is live', async () => {
    const cn = 'settings.example'
    const { client, ready } = outside.instance
    const first = await live(cn, { days: 90 })
    const wanted = thirdPartyEnrollment(cn)
    const response = await client.call('PUT', first.enrollment, {
      accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
      contentType: 'application/vnd.akamai.cps.enrollment.v11+json',
      body: {
        ...wanted,
        networkConfiguration: { ...wanted.networkConfiguration, disallowedTlsVersions: ['TLSv1_2'] },
      },
    })
    expect([response.status, response.text]).toEqual([202, expect.anything()])
    const [change] = response.body.changes
    const resting = await until(change, 'wait-ack-change-management')
    expect(resting.body.statusInfo.error).toBeNull()
    const { pendingState } = (await readChangeManagement(client, change)).body
    expect(pendingState.pendingNetworkConfiguration.disallowedTlsVersions).toEqual(['TLSv1_2'])
    expect(fingerprintOf(pendingState.pendingCertificates[0].fullCertificate)).toBe(
      fingerprintOf(first.certificate),
    )
    expect((await acknowledgeChangeManagement(client, change)).status).toBe(200)
    await until(change, 'complete')
    expect(await servedFingerprint(ready.production, cn)).toBe(fingerprintOf(first.certificate))
  })

  it('waits on for its deployment date, and goes before what is live expires when that date is later', async () => {
    const cn = 'dated.example'
    const first = await live(cn, {
      from: openSslTime(Date.now() - 10 * HOUR),
      to: openSslTime(Date.now() + HOUR / 2),
    })
    const change = await renew(first.enrollment, cn, '&deploy-not-before=2040-01-01')
    const fresh = await upload(change, { days: 90 })
    await until(change, 'wait-ack-change-management')
    const explained = await explain(change)
    const left = Date.parse(explained.until) - Date.now()
    expect(left).toBeGreaterThan(HOUR / 10)
    expect(left).toBeLessThan(HOUR / 2)
    expect(explained.timeline.at(-1).status).toBe('wait-ack-change-management')
    expect((await acknowledgeChangeManagement(outside.instance.client, change)).status).toBe(200)
    await until(change, 'wait-deployment-schedule')
    expect(await servedFingerprint(outside.instance.ready.production, cn)).toBe(
      fingerprintOf(first.certificate),
    )
    await outside.instance.client.call('POST', '/certrail/v1/clock/advance', { body: { by: 'PT20M' } })
    await until(change, 'complete')
    expect(await servedFingerprint(outside.instance.ready.production, cn)).toBe(fingerprintOf(fresh))
  })

  /** A denied change puts staging back by a clean-up that the reply does not always wait for. */
  async function followStaging(cn: string, wanted: string): Promise<void> {
    await expect
      .poll(() => servedFingerprint(outside.instance.ready.staging, cn), { timeout: 10_000 })
      .toBe(wanted)
  }
})
