import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  type Created,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'

const cps = (entity: string): string => `application/vnd.akamai.cps.${entity}+json`
const FIRST = 'www.history.example'
const SECOND = 'shop.history.example'

describe('histories of a DV enrollment', () => {
  let home: string
  let instance: Instance
  let created: Created
  let changes: string[]

  const read = async (path: string, entity: string) => {
    const response = await instance.client.call('GET', path, { accept: cps(entity) })
    expect(response.status, response.text).toBe(200)
    return response.body
  }
  const put = async (body: unknown, query = ''): Promise<string> => {
    const response = await instance.client.call('PUT', `${created.enrollment}${query}`, {
      accept: cps('enrollment-status.v1'),
      contentType: cps('enrollment.v11'),
      body,
    })
    expect(response.status, response.text).toBe(202)
    return response.body.changes[0]
  }
  const complete = async (change: string) => {
    // A renewal may find its names still valid, and then there is nothing to acknowledge any more.
    await acknowledgeChallenges(instance.client, change)
    await followChange(instance.client, change, ({ state }) => state === 'completed')
  }

  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home)
    const { client, ready } = instance
    created = await createEnrollment(client, ready.contract, dvEnrollment(FIRST))
    await complete(created.change)
    const sans = await put(dvEnrollment(FIRST, [SECOND]))
    await complete(sans)
    const renewal = await put(dvEnrollment(FIRST, [SECOND]), '?force-renewal=true')
    await complete(renewal)
    const cancelled = await put(dvEnrollment(FIRST, [SECOND, 'third.history.example']))
    await followChange(client, cancelled, ({ state }) => state === 'awaiting-input')
    expect((await client.call('DELETE', cancelled, { accept: cps('change-id.v1') })).status).toBe(200)
    const base = dvEnrollment(FIRST, [SECOND])
    const settings = { ...base.networkConfiguration, quicEnabled: true }
    const network = await put({ ...base, networkConfiguration: settings })
    changes = [created.change, sans, renewal, cancelled, network]
  }, 180_000)
  afterAll(async () => {
    await instance?.stop()
    await removeHome(home)
  })

  it('tell every change, newest first, with what it asked for and got', async () => {
    const { changes: history } = await read(`${created.enrollment}/history/changes`, 'change-history.v5')
    expect(history).toHaveLength(changes.length)
    expect(
      history.map((each: Record<string, unknown>) => [
        each['action'],
        each['actionDescription'],
        each['status'],
      ]),
    ).toEqual([
      [
        'update-network-configuration',
        'Update Network Configuration',
        expect.stringMatching(/^(incomplete|completed)$/),
      ],
      ['modify-san', 'Modify Subject Alternative Names', 'cancelled'],
      ['renew', 'Renew Certificate', 'completed'],
      ['modify-san', 'Modify Subject Alternative Names', 'completed'],
      ['new-certificate', 'Create New Certificate', 'completed'],
    ])
    const [network, cancelled, renewal, sans, first] = history
    for (const entry of [renewal, sans, first]) {
      expect(entry.primaryCertificate).toMatchObject({
        csr: expect.stringContaining('BEGIN CERTIFICATE REQUEST'),
        certificate: expect.stringContaining('BEGIN CERTIFICATE'),
        trustChain: expect.stringContaining('BEGIN CERTIFICATE'),
        keyAlgorithm: 'ECDSA',
      })
      expect(entry.multiStackedCertificates).toEqual([])
      expect(entry.primaryCertificateOrderDetails.orderId).toEqual(expect.any(String))
      expect(entry.createdBy).toEqual(expect.any(String))
      expect(entry.createdOn).toMatch(/Z$/)
    }
    expect(new Set([renewal, sans, first].map((entry) => entry.primaryCertificate.csr)).size).toBe(3)
    expect(network.primaryCertificate).toBeNull()
    expect(cancelled.primaryCertificate).toMatchObject({
      certificate: null,
      csr: expect.stringContaining('REQUEST'),
    })
  })

  it('tell the certificates, newest first, active where their network serves them now', async () => {
    const { certificates } = await read(
      `${created.enrollment}/history/certificates`,
      'certificate-history.v2',
    )
    expect(
      certificates.map((each: Record<string, unknown>) => [each['deploymentStatus'], each['stagingStatus']]),
    ).toEqual([
      ['active', 'active'],
      ['inactive', 'inactive'],
      ['inactive', 'inactive'],
    ])
    const deployments = await read(`${created.enrollment}/deployments`, 'deployments.v8')
    expect(certificates[0].primaryCertificate.certificate).toBe(
      deployments.production.primaryCertificate.certificate,
    )
    const enrollment = await read(created.enrollment, 'enrollment.v11')
    expect(certificates[0]).toMatchObject({
      type: 'san',
      ra: 'lets-encrypt',
      geography: 'core',
      slots: enrollment.assignedSlots,
    })
  })

  it('keep every token of every name, also after validation', async () => {
    const { results } = await read(`${created.enrollment}/dv-history`, 'dv-history.v1')
    expect(results.map((each: { domain: string }) => each.domain)).toEqual(
      [SECOND, 'third.history.example', FIRST].sort(),
    )
    for (const { domain, domainHistory } of results) {
      expect(domainHistory.length).toBeGreaterThan(0)
      const times = domainHistory.map((each: { requestTimestamp: string }) => each.requestTimestamp)
      expect(times).toEqual(times.toSorted().toReversed())
      for (const generation of domainHistory) {
        expect(generation.challenges.map((each: { type: string }) => each.type).sort()).toEqual([
          'dns-01',
          'http-01',
        ])
        expect(generation.token).not.toBe('')
        const isOver = domain === 'third.history.example'
        expect(generation.validationStatus).toBe(isOver ? 'EXPIRED' : 'VALIDATED')
        expect(
          generation.challenges.some((each: { status: string }) => each.status === 'pending' && isOver),
        ).toBe(false)
      }
    }
  })

  it('are empty of DV attempts, not refused, before there are any, and are not found for others', async () => {
    for (const tail of ['dv-history', 'history/changes', 'history/certificates']) {
      const response = await instance.client.call('GET', `/cps/v2/enrollments/999999999/${tail}`)
      expect(response.status).toBe(404)
      expect(response.body.title).toBe('Not Found')
    }
  })

  it('list as active only what is deployed', async () => {
    const waiting = await createEnrollment(
      instance.client,
      instance.ready.contract,
      dvEnrollment('waits.history.example'),
    )
    const { enrollments } = await read('/cps/v2/active-certificates', 'active-certificates.v2')
    expect(enrollments).toHaveLength(1)
    expect(`/cps/v2/enrollments/${enrollments[0].id}`).toBe(created.enrollment)
    expect(enrollments[0].production.primaryCertificate.certificate).toBe(
      enrollments[0].staging.primaryCertificate.certificate,
    )
    expect(enrollments[0].productionSlots).toEqual(enrollments[0].assignedSlots)
    const { certificates } = await read(
      `${waiting.enrollment}/history/certificates`,
      'certificate-history.v2',
    )
    expect(certificates).toEqual([])
    const none = await instance.client.call('GET', '/cps/v2/active-certificates?contractId=C-none', {
      accept: cps('active-certificates.v2'),
    })
    expect(none.body.enrollments ?? []).toEqual([])
  })

  it('end with the enrollment', async () => {
    const removal = await instance.client.call(
      'DELETE',
      `${created.enrollment}?allow-cancel-pending-changes=true`,
      {
        accept: cps('enrollment-status.v1'),
      },
    )
    expect(removal.status, removal.text).toBe(202)
    let status = 200
    for (let look = 0; look < 100 && status !== 404; look += 1) {
      const change = removal.body.changes[0]
      status = (await instance.client.call('GET', change, { headers: { prefer: 'wait=1' } })).status
      if (status === 200) status = (await instance.client.call('GET', created.enrollment)).status
    }
    for (const tail of ['dv-history', 'history/changes', 'history/certificates']) {
      expect((await instance.client.call('GET', `${created.enrollment}/${tail}`)).status).toBe(404)
    }
  })
})
