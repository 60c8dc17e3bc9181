import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { readChangeManagement } from '../support/third-party.ts'
import { readWarnings } from '../support/warnings-reading.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

/** What is not here: third-party.test.ts has the findings about uploads. */
describe('findings stop a change and are acknowledged', () => {
  let home: string
  let instance: Instance
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home, { CERTRAIL_PRE_VERIFICATION: 'review' })
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  type Kind = 'pre-verification' | 'post-verification'
  const create = async (body: object) => createEnrollment(instance.client, instance.ready.contract, body)
  const statusOf = async (change: string) =>
    (await readChange(instance.client, change)).body.statusInfo.status
  const warnings = async (change: string, kind: Kind) =>
    instance.client.call('GET', `${change}/input/info/${kind}-warnings`, { accept: cps('warnings.v1') })
  const acknowledge = (change: string, kind: Kind, acknowledgement = 'acknowledge') =>
    instance.client.call('POST', `${change}/input/update/${kind}-warnings-ack`, {
      accept: cps('change-id.v1'),
      contentType: cps('acknowledgement.v1'),
      body: { acknowledgement },
    })
  const explain = async (change: string) =>
    (await instance.client.call('GET', `${change.replace('/cps/v2', '/certrail/v1')}/explain`)).body
  async function update(enrollment: string, body: object, query = ''): Promise<string> {
    const answer = await instance.client.call('PUT', `${enrollment}${query}`, {
      accept: cps('enrollment-status.v1'),
      contentType: cps('enrollment.v11'),
      body,
    })
    if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`)
    return answer.body.changes[0]
  }
  /** Answers challenges; until anything else is waited for, or the end. */
  async function rest(change: string) {
    const waits = await followChange(
      instance.client,
      change,
      ({ state }) => state === 'awaiting-input' || state === 'completed',
    )
    if (waits.body.statusInfo.status !== 'coodinate-domain-validation') return waits.body
    await acknowledgeChallenges(instance.client, change)
    const then = await followChange(
      instance.client,
      change,
      ({ state, status }) =>
        state === 'completed' || (state === 'awaiting-input' && status !== 'coodinate-domain-validation'),
    )
    return then.body
  }

  it('pre-verification: names removed, still live and overlapping, in exact texts, and again in validationResult', async () => {
    const live = await create(dvEnrollment('www.find.example', ['a.find.example', 'b.find.example']))
    expect((await rest(live.change)).statusInfo.status).toBe('complete')
    const overlapping = await create(dvEnrollment('a.find.example'))
    expect(await statusOf(overlapping.change)).toBe('wait-review-pre-verification-safety-checks')
    const told = await warnings(overlapping.change, 'pre-verification')
    expect(told.body).toEqual({
      warnings: 'Name [a.find.example] is overlapping DNS name of one or more enrollments.',
    })
    expect((await warnings(overlapping.change, 'post-verification')).status).toBe(404)
    expect((await acknowledge(overlapping.change, 'pre-verification', 'deny')).status).toBe(200)
    expect((await readChange(instance.client, overlapping.change)).body.statusInfo.state).toBe('cancelled')
    await instance.client.call('DELETE', overlapping.enrollment, { accept: cps('enrollment-status.v1') })

    const smaller = dvEnrollment('www.find.example', ['b.find.example'], { changeManagement: true })
    const change = await update(live.enrollment, smaller, '?renewal-date-check-override=true')
    expect((await readChange(instance.client, change)).body).toMatchObject({
      statusInfo: { state: 'awaiting-input', status: 'wait-review-pre-verification-safety-checks' },
      allowedInput: [{ type: 'pre-verification-warnings-acknowledgement', requiredToProceed: true }],
    })
    const { body } = await warnings(change, 'pre-verification')
    expect(readWarnings(body.warnings)).toEqual([
      ['SANS_REMOVED_REQUIRE_ACKNOWLEDGEMENT'],
      ['CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK'],
    ])
    expect((await acknowledge(change, 'pre-verification')).status).toBe(200)
    expect(await statusOf(change)).not.toBe('wait-review-pre-verification-safety-checks')
    expect((await acknowledge(change, 'pre-verification')).status).toBe(404)
    expect((await rest(change)).statusInfo.status).toBe('wait-ack-change-management')
    const { validationResult } = (await readChangeManagement(instance.client, change)).body
    expect(validationResult.warnings).toEqual([
      {
        message: '[SAN name [a.find.example] removed from certificate is still live on the network.]',
        messageCode: 'no-code',
      },
      {
        message: expect.stringContaining('The SANs [a.find.example] are scheduled to be removed'),
        messageCode: 'SANS_REMOVED_REQUIRE_ACKNOWLEDGEMENT',
      },
    ])
    expect((await explain(change)).findings.map(({ id }: { id: string }) => id)).toEqual([
      'SANS_REMOVED_REQUIRE_ACKNOWLEDGEMENT',
      'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK',
    ])
  })

  it('post-verification of a CA-issued certificate: stops at wait-review-cert-warning, once for all its renewals', async () => {
    const wanted = dvEnrollment('sha.find.example', [], { signatureAlgorithm: 'SHA-1' })
    const { enrollment, change } = await create(wanted)
    expect(await rest(change)).toMatchObject({
      statusInfo: { state: 'awaiting-input', status: 'wait-review-cert-warning' },
      allowedInput: [{ type: 'post-verification-warnings-acknowledgement', requiredToProceed: true }],
    })
    const { body } = await warnings(change, 'post-verification')
    expect(body.warnings).toBe(
      'Requested certificate signed with SHA-1 signature algorithm, but got SHA-256 (1.2.840.10045.4.3.2).',
    )
    expect((await warnings(change, 'pre-verification')).status).toBe(404)
    expect((await explain(change)).moves.map(({ how }: { how: string }) => how).join('\n')).toContain(
      'post-verification-warnings-ack',
    )
    expect((await acknowledge(change, 'post-verification')).status).toBe(200)
    expect(await statusOf(change)).not.toBe('wait-review-cert-warning')
    expect((await rest(change)).statusInfo.status).toBe('complete')

    const renewal = await update(enrollment, wanted, '?force-renewal=true')
    expect((await rest(renewal)).statusInfo.status).toBe('complete')
    const larger = dvEnrollment('sha.find.example', ['two.find.example'], { signatureAlgorithm: 'SHA-1' })
    const again = await update(enrollment, larger)
    expect((await rest(again)).statusInfo.status).toBe('wait-review-cert-warning')
    expect((await acknowledge(again, 'post-verification', 'deny')).status).toBe(200)
    expect((await readChange(instance.client, again)).body.statusInfo.state).toBe('cancelled')
  })

  it('a served name that the certificate is not for is told, and not answered', async () => {
    const network = dvEnrollment('x.find.example').networkConfiguration
    const networkConfiguration = {
      ...network,
      dnsNameSettings: { cloneDnsNames: false, dnsNames: ['elsewhere.find.example'] },
    }
    const { change } = await create(dvEnrollment('x.find.example', [], { networkConfiguration }))
    expect((await warnings(change, 'pre-verification')).body.warnings).toBe(
      'DNS name elsewhere.find.example is not contained by the CN and SANs of the certificate.',
    )
    await acknowledge(change, 'pre-verification')
    expect((await rest(change)).statusInfo.status).toBe('complete')
  })
})
