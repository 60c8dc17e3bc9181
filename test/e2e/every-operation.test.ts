import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cps } from '../support/api-calls.ts'
import {
  acknowledgeChallenges,
  type Created,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { arePublishedSchemasHere, isPublished, publishedFaults } from '../support/published-schemas.ts'

/** Enrollments as different as a wire version can make them look: names cloned or listed, members absent, texts that old versions cannot leave out. */
const SHAPES = {
  'www.cloned.example': { csr: { cn: 'www.cloned.example', sans: ['api.cloned.example'] } },
  'www.Listed.example': {
    csr: { cn: 'www.Listed.example', preferredTrustChain: 'isrg-root-x1' },
    networkConfiguration: {
      geography: 'russia+core',
      secureNetwork: 'standard-tls',
      quicEnabled: true,
      sniOnly: true,
      dnsNameSettings: { cloneDnsNames: false, dnsNames: ['www.listed.example'] },
      disallowedTlsVersions: ['TLSv1', 'TLSv1_1'],
      ocspStapling: 'not-set',
      clientMutualAuthentication: {
        setId: null,
        authenticationOptions: { sendCaListToClient: true, ocsp: { enabled: false } },
      },
    },
  },
} as const

describe('a running server', () => {
  let home: string
  let instance: Instance
  const created = new Map<string, Created>()

  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home)
    for (const [cn, overrides] of Object.entries(SHAPES)) {
      const made = await createEnrollment(
        instance.client,
        instance.ready.contract,
        dvEnrollment(cn, [], overrides),
      )
      expect((await acknowledgeChallenges(instance.client, made.change)).status).toBe(200)
      await followChange(instance.client, made.change, ({ status }) => status === 'complete')
      created.set(cn, made)
    }
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  const made = (cn = 'www.cloned.example'): Created => created.get(cn) as Created
  const get = (path: string, entity: string) => instance.client.call('GET', path, { accept: cps(entity) })

  it.each(Object.keys(SHAPES))(
    'takes back what it gave for %s, in every version, as no change',
    async (cn) => {
      const { enrollment } = made(cn)
      const before = (await get(enrollment, 'enrollment.v12')).body
      for (let version = 12; version >= 1; version -= 1) {
        const entity = `enrollment.v${version}`
        const { body } = await get(enrollment, entity)
        const put = await instance.client.call('PUT', enrollment, {
          accept: cps('enrollment-status.v1'),
          contentType: cps(entity),
          body,
        })
        expect([version, put.status, put.body]).toEqual([version, 200, { enrollment, changes: [] }])
        expect((await get(enrollment, 'enrollment.v12')).body).toEqual(before)
      }
    },
  )

  it('answers every reading operation of a live enrollment, as the published schemas have it', async () => {
    const { enrollment, change } = made()
    const readings = [
      [change, 'change', [1, 2]],
      [`${change}/deployment-schedule`, 'deployment-schedule', [1]],
      [`${enrollment}/deployments`, 'deployments', [6, 7]],
      [`${enrollment}/deployments/staging`, 'deployment', [1, 2, 3, 6, 7]],
      [`${enrollment}/deployments/production`, 'deployment', [1, 2, 3, 6, 7]],
      [`${enrollment}/dv-history`, 'dv-history', [1]],
      [`${enrollment}/history/certificates?includeAll=true`, 'certificate-history', [1, 2]],
      [`${enrollment}/history/changes`, 'change-history', [3, 5]],
      ['/cps/v2/active-certificates', 'active-certificates', [2]],
      ['/cps/v2/enrollments', 'enrollment-locations', [1]],
    ] as const
    for (const [path, resource, versions] of readings)
      for (const version of versions) {
        const { status, body, text } = await get(path, `${resource}.v${version}`)
        expect([path, version, status], text).toEqual([path, version, 200])
        if (!arePublishedSchemasHere() || !isPublished(resource, version)) continue
        const faults = publishedFaults(resource, version, body).filter(
          (fault) => !fault.endsWith('/geography enum'),
        )
        expect({ path, version, faults }).toEqual({ path, version, faults: [] })
      }
    const [entry] = (await get(`${enrollment}/history/changes`, 'change-history.v5')).body.changes
    expect(entry.primaryCertificate.certificate).toContain('BEGIN CERTIFICATE')
    expect(
      (await get('/cps/v2/active-certificates', 'active-certificates.v2')).body.enrollments,
    ).toHaveLength(2)
  })

  it('answers 404 to whatever a completed change does not wait for', async () => {
    const { change } = made()
    for (const type of [
      'lets-encrypt-challenges',
      'pre-verification-warnings',
      'post-verification-warnings',
      'third-party-csr',
      'change-management-info',
    ])
      expect((await instance.client.call('GET', `${change}/input/info/${type}`)).status).toBe(404)
    for (const type of [
      'lets-encrypt-challenges-completed',
      'pre-verification-warnings-ack',
      'post-verification-warnings-ack',
      'change-management-ack',
    ]) {
      const body = { acknowledgement: 'acknowledge' }
      expect((await instance.client.call('POST', `${change}/input/update/${type}`, { body })).status).toBe(
        404,
      )
    }
    const upload = { certificatesAndTrustChains: [{ keyAlgorithm: 'RSA', certificate: 'x' }] }
    const path = `${change}/input/update/third-party-cert-and-trust-chain`
    expect((await instance.client.call('POST', path, { body: upload })).status).toBe(404)
    expect((await instance.client.call('PUT', `${change}/deployment-schedule`, { body: {} })).status).toBe(
      404,
    )
    expect((await instance.client.call('DELETE', change)).body.title).toBe('Not Found')
    const vetting = `/certrail/v1${change.slice('/cps/v2'.length)}/vetting`
    expect((await instance.client.call('POST', vetting, { body: { decision: 'approve' } })).status).toBe(404)
  })

  it('turns its clock forwards only, and keeps an audit log that can be exported', async () => {
    const clock = async () => Date.parse((await instance.client.call('GET', '/certrail/v1/clock')).body.now)
    const before = await clock()
    const advance = (body: unknown) => instance.client.call('POST', '/certrail/v1/clock/advance', { body })
    const advanced = await advance({ by: 'P1D' })
    expect([advanced.status, Date.parse(advanced.body.now) >= before + 86_400_000]).toEqual([200, true])
    for (const [body, field] of [
      [{ to: '2001-01-01T00:00:00Z' }, '/to'],
      [{ by: 'P99999999D' }, '/by'],
    ] as const) {
      const refused = await advance(body)
      expect([refused.status, refused.body.errors[0].field]).toEqual([400, field])
    }
    const log = await instance.client.call('GET', '/certrail/v1/audit', { accept: 'application/json' })
    const lines = await instance.client.call('GET', '/certrail/v1/audit', { accept: 'application/x-ndjson' })
    expect(log.status, log.text).toBe(200)
    expect(log.body.entries.length).toBeGreaterThan(2)
    expect(
      lines.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(log.body.entries)
  })
})
