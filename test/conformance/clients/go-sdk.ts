import { beforeAll, describe, expect, it } from 'vitest'
import { dvBody } from './bodies.ts'
import { createGoSdkClient, type GoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, cps, lastSegment, passPollInterval, type Tenant } from './rig.ts'
import {
  liveDv,
  reviewed,
  signRequests,
  startEnrollment,
  type Started,
  startThirdParty,
  uploadBy,
} from './steps.ts'

/** The checklist D1 of spec: clients. Success statuses are those that the SDK demands, not those that would do. */
export function goSdkChecklist(rig: () => ClientRig): void {
  describe('Go SDK (edgegrid-golang)', () => {
    let tenant: Tenant
    let sdk: GoSdkClient
    let live: Started
    beforeAll(async () => {
      tenant = await rig().tenant('gosdk')
      sdk = createGoSdkClient(tenant)
      live = await liveDv(sdk, tenant, 'live.gosdk.example')
    })

    const get = async (path: string, accept: string, query: Record<string, string> = {}) => {
      const answer = await sdk.call('GET', path, { accept, query })
      expect(answer.status, answer.text).toBe(200)
      expect(answer.headers['content-type']).toBe(cps(accept))
      return answer.body
    }

    it('D1-1 ListEnrollments: 200 with enrollments[] of the contract', async () => {
      const { enrollments } = await get('/cps/v2/enrollments', 'enrollments.v11', {
        contractId: tenant.contract,
      })
      expect(enrollments.map(({ location }: { location: string }) => location)).toContain(live.enrollment)
    })

    it('D1-2 GetEnrollment: all members of v11, integers as integers', async () => {
      const body = await get(live.enrollment, 'enrollment.v11')
      for (const member of ['id', 'maxAllowedSanNames', 'maxAllowedWildcardSanNames'])
        expect([member, Number.isInteger(body[member])]).toEqual([member, true])
      expect(body.orgId === null || Number.isInteger(body.orgId)).toBe(true)
      for (const slots of ['assignedSlots', 'productionSlots', 'stagingSlots'])
        expect(body[slots].every(Number.isInteger), slots).toBe(true)
      for (const text of ['ra', 'validationType', 'certificateType', 'location', 'autoRenewalStartTime'])
        expect([text, typeof body[text]]).toEqual([text, 'string'])
      for (const flag of ['changeManagement', 'enableMultiStackedCertificates'])
        expect([flag, typeof body[flag]]).toEqual([flag, 'boolean'])
      for (const object of ['adminContact', 'techContact', 'org', 'csr', 'networkConfiguration'])
        expect(body[object], object).toEqual(expect.any(Object))
      expect(body.pendingChanges).toEqual([])
    })

    it('D1-3 CreateEnrollment: 202 and nothing else; the last segment of enrollment is its id', async () => {
      const answer = await sdk.call('POST', '/cps/v2/enrollments', {
        query: {
          contractId: tenant.contract,
          'deploy-not-after': '2099-01-31',
          'deploy-not-before': '2020-01-31',
          'allow-duplicate-cn': 'true',
        },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body: dvBody('live.gosdk.example'),
      })
      expect([answer.status, answer.headers['content-type']]).toEqual([202, cps('enrollment-status.v1')])
      expect(lastSegment(answer.body.enrollment)).toBeGreaterThan(0)
      expect(answer.body.changes).toHaveLength(1)
      expect(lastSegment(answer.body.changes[0])).toBeGreaterThan(0)
    })

    it('D1-4 UpdateEnrollment: each of its six query parameters, alone and all together, is a 200 or 202', async () => {
      const { enrollment } = await liveDv(sdk, tenant, 'update.gosdk.example')
      const parameters = {
        'allow-cancel-pending-changes': 'true',
        'allow-staging-bypass': 'true',
        'deploy-not-after': '2099-01-31',
        'deploy-not-before': '2020-01-31',
        'force-renewal': 'true',
        'renewal-date-check-override': 'true',
      }
      const cancel = { 'allow-cancel-pending-changes': 'true' }
      const each = Object.entries(parameters).map(([name, value]) => ({ ...cancel, [name]: value }))
      for (const query of [...each, parameters]) {
        const answer = await sdk.call('PUT', enrollment, {
          query,
          accept: 'enrollment-status.v1',
          sent: 'enrollment.v11',
          body: dvBody('update.gosdk.example'),
        })
        expect([200, 202], `${JSON.stringify(query)} ${answer.text}`).toContain(answer.status)
        expect(answer.body.enrollment).toBe(enrollment)
        expect(answer.body.changes).toHaveLength(answer.status === 202 ? 1 : 0)
      }
    })

    it('D1-5 RemoveEnrollment: 200 or 202 with the enrollment; the dates are taken too', async () => {
      const { enrollment } = await startEnrollment(sdk, tenant, dvBody('remove.gosdk.example'))
      const answer = await sdk.call('DELETE', enrollment, {
        query: {
          'allow-cancel-pending-changes': 'true',
          'deploy-not-before': '2020-01-31',
          'deploy-not-after': '2099-01-31',
        },
        accept: 'enrollment-status.v1',
      })
      expect([200, 202]).toContain(answer.status)
      expect(answer.body.enrollment).toBe(enrollment)
    })

    it('D1-6 GetChangeStatus: 200 with statusInfo and allowedInput', async () => {
      const body = await get(live.change, 'change.v2')
      expect(body.statusInfo).toMatchObject({ state: 'completed', status: 'complete', error: null })
      expect(body.statusInfo.deploymentSchedule).toEqual({ notAfter: null, notBefore: null })
      expect(body.allowedInput).toEqual([])
    })

    it('D1-7 CancelChange: exactly 200 with the change', async () => {
      const { change } = await startEnrollment(sdk, tenant, dvBody('cancel.gosdk.example'))
      const answer = await sdk.call('DELETE', change, { accept: 'change-id.v1' })
      expect([answer.status, answer.body]).toEqual([200, { change }])
    })

    it('D1-8 Get- and UpdateDeploymentSchedule: exactly 200, nullable texts, a missing one is null', async () => {
      const { change } = await startEnrollment(sdk, tenant, dvBody('schedule.gosdk.example'))
      const path = `${change}/deployment-schedule`
      expect(await get(path, 'deployment-schedule.v1')).toEqual({ notAfter: null, notBefore: null })
      const answer = await sdk.call('PUT', path, {
        accept: 'change-id.v1',
        sent: 'deployment-schedule.v1',
        body: { notBefore: '2099-01-01T00:00:00Z' },
      })
      expect([answer.status, answer.body]).toEqual([200, { change }])
      expect(await get(path, 'deployment-schedule.v1')).toEqual({
        notAfter: null,
        notBefore: '2099-01-01T00:00:00Z',
      })
    })

    it('D1-9 GetChangeLetsEncryptChallenges and AcknowledgeDVChallenges: 200 each', async () => {
      const { change } = await startEnrollment(
        sdk,
        tenant,
        dvBody('dv.gosdk.example', ['www.dv.gosdk.example']),
      )
      const { dv } = await get(`${change}/input/info/lets-encrypt-challenges`, 'dv-challenges.v2')
      expect(dv.map(({ domain }: { domain: string }) => domain).toSorted()).toEqual([
        'dv.gosdk.example',
        'www.dv.gosdk.example',
      ])
      expect((await sdk.acknowledge(change, 'lets-encrypt-challenges-completed')).status).toBe(200)
    })

    it('D1-11 Get- and AcknowledgePostVerificationWarnings: exactly 200, warnings a text', async () => {
      const { change } = await startThirdParty(sdk, tenant, 'post.gosdk.example')
      await uploadBy(sdk, change, reviewed(rig(), await signRequests(sdk, rig(), change)))
      const { warnings } = await get(`${change}/input/info/post-verification-warnings`, 'warnings.v1')
      expect(warnings).toMatch(/\S/)
      expect((await sdk.acknowledge(change, 'post-verification-warnings-ack')).status).toBe(200)
      expect((await sdk.status(change)).status).not.toBe('wait-review-third-party-cert')
    })

    it('D1-12 GetChangeThirdPartyCSR and UploadThirdPartyCertAndTrustChain: exactly 200, csrs[] with both members', async () => {
      const { change } = await startThirdParty(sdk, tenant, 'third.gosdk.example', { changeManagement: true })
      const { csrs } = await get(`${change}/input/info/third-party-csr`, 'csr.v2')
      expect(csrs.map((one: { keyAlgorithm: string }) => one.keyAlgorithm).toSorted()).toEqual([
        'ECDSA',
        'RSA',
      ])
      for (const { csr } of csrs) expect(csr).toContain('BEGIN CERTIFICATE REQUEST')
      const answer = await uploadBy(sdk, change, await signRequests(sdk, rig(), change))
      expect([answer.status, answer.body]).toEqual([200, { change }])
    })

    it('D1-13 GetChangeManagementInfo (v5), GetChangeDeploymentInfo (deployment v8) and AcknowledgeChangeManagement: exactly 200; flags are texts', async () => {
      const { change } = await startEnrollment(
        sdk,
        tenant,
        dvBody('managed.gosdk.example', [], { changeManagement: true }),
      )
      await sdk.acknowledge(change, 'lets-encrypt-challenges-completed')
      await passPollInterval(tenant.client, change)
      const path = `${change}/input/info/change-management-info`
      const info = await get(path, 'change-management-info.v5')
      expect(info.acknowledgementDeadline).toBeNull()
      expect(info.validationResultHash).toMatch(/^[0-9a-f]+$/)
      expect(['true', 'false']).toContain(info.pendingState.pendingNetworkConfiguration.quicEnabled)
      expect(['true', 'false']).toContain(info.pendingState.pendingNetworkConfiguration.sniOnly)
      for (const certificate of info.pendingState.pendingCertificates) {
        expect(['true', 'false']).toContain(certificate.ocspStapled)
        expect(certificate.fullCertificate).toContain('BEGIN CERTIFICATE')
      }
      const deployment = await get(path, 'deployment.v8')
      expect(deployment.primaryCertificate.certificate).toContain('BEGIN CERTIFICATE')
      expect((await sdk.acknowledge(change, 'change-management-ack')).status).toBe(200)
    })

    it('D1-14 ListDeployments, GetProductionDeployment and GetStagingDeployment: v8, real booleans', async () => {
      const both = await get(`${live.enrollment}/deployments`, 'deployments.v8')
      for (const network of ['production', 'staging']) {
        const one = await get(`${live.enrollment}/deployments/${network}`, 'deployment.v8')
        expect(one).toEqual(both[network])
        expect(one.primaryCertificate).toMatchObject({
          certificate: expect.stringContaining('BEGIN CERTIFICATE'),
          expiry: expect.stringMatching(/Z$/),
          keyAlgorithm: expect.stringMatching(/^(RSA|ECDSA)$/),
        })
        expect(one.multiStackedCertificates).toEqual([])
        for (const flag of ['quicEnabled', 'sniOnly'])
          expect(typeof one.networkConfiguration[flag], flag).toBe('boolean')
      }
    })

    it('D1-15 GetDVHistory, GetCertificateHistory and GetChangeHistory: 200 with their lists', async () => {
      const names = await get(`${live.enrollment}/dv-history`, 'dv-history.v1')
      expect(names.results[0].domain).toBe('live.gosdk.example')
      const certificates = await get(`${live.enrollment}/history/certificates`, 'certificate-history.v2')
      expect(certificates.certificates[0].deploymentStatus).toBe('active')
      const changes = await get(`${live.enrollment}/history/changes`, 'change-history.v5')
      expect(changes.changes[0]).toMatchObject({ action: 'new-certificate', status: 'completed' })
    })

    it('D1-16 omitempty: nothing but what always comes is enough, and read-only members may come as 0 and null', async () => {
      const sparse = {
        adminContact: dvBody('x').adminContact,
        certificateType: 'san',
        changeManagement: false,
        csr: { cn: 'sparse.gosdk.example' },
        enableMultiStackedCertificates: false,
        id: 0,
        assignedSlots: null,
        productionSlots: null,
        stagingSlots: null,
        networkConfiguration: {
          geography: 'core',
          quicEnabled: false,
          secureNetwork: 'enhanced-tls',
          sniOnly: true,
        },
        org: { name: 'Example', phone: '1' },
        orgId: null,
        ra: 'lets-encrypt',
        techContact: dvBody('x').techContact,
        validationType: 'dv',
      }
      const { enrollment } = await startEnrollment(sdk, tenant, sparse)
      const body = await get(enrollment, 'enrollment.v11')
      expect(body.id).toBe(lastSegment(enrollment))
      expect(body.csr.sans).toEqual(['sparse.gosdk.example'])
    })

    it('D1-17 errors: problem JSON with type, title, detail and instance as texts', async () => {
      const missing = await sdk.call('GET', '/cps/v2/enrollments/1', { accept: 'enrollment.v11' })
      expect([missing.status, missing.headers['content-type']]).toEqual([404, 'application/problem+json'])
      const refused = await sdk.call('POST', '/cps/v2/enrollments', {
        query: { contractId: tenant.contract },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body: { ...dvBody('wrong.gosdk.example'), ra: 'nobody' },
      })
      expect(refused.status).toBe(400)
      for (const { body } of [missing, refused])
        for (const member of ['type', 'title', 'instance'])
          expect([member, typeof body[member]]).toEqual([member, 'string'])
      expect(Array.isArray(refused.body.errors)).toBe(true)
    })

    it('D1-18 a Content-Type on GET and DELETE does not matter', async () => {
      for (const type of ['application/json', 'text/plain', cps('enrollment.v99')]) {
        const answer = await tenant.client.call('GET', live.enrollment, {
          accept: cps('enrollment.v11'),
          headers: { 'content-type': type },
        })
        expect([type, answer.status]).toEqual([type, 200])
      }
    })

    it('D1-19 account switching: the key comes in a sorted query, encoded, on every call, body or none', async () => {
      const switched = createGoSdkClient({ client: rig().administrator }, { accountKey: tenant.switchKey })
      const list = await switched.call('GET', '/cps/v2/enrollments', {
        query: { contractId: tenant.contract },
        accept: 'enrollments.v11',
      })
      expect(list.status, list.text).toBe(200)
      expect(list.body.enrollments.length).toBeGreaterThan(0)
      const { change, enrollment } = await startEnrollment(switched, tenant, dvBody('switched.gosdk.example'))
      expect((await switched.acknowledge(change, 'lets-encrypt-challenges-completed')).status).toBe(200)
      const own = await sdk.call('GET', enrollment, { accept: 'enrollment.v11' })
      expect(own.status).toBe(200)
      const unswitched = createGoSdkClient({ client: rig().administrator })
      expect((await unswitched.call('GET', enrollment, { accept: 'enrollment.v11' })).status).toBe(404)
    })

    it('D1-20 no GET answers 409 or 5xx for a state of affairs: the SDK would repeat it for minutes', async () => {
      const { enrollment, change } = await startEnrollment(sdk, tenant, dvBody('states.gosdk.example'))
      const paths = [
        [enrollment, 'enrollment.v11'],
        [change, 'change.v2'],
        [`${change}/deployment-schedule`, 'deployment-schedule.v1'],
        [`${enrollment}/deployments`, 'deployments.v8'],
        [`${enrollment}/deployments/production`, 'deployment.v8'],
        [`${enrollment}/dv-history`, 'dv-history.v1'],
        [`${enrollment}/history/certificates`, 'certificate-history.v2'],
        [`${enrollment}/history/changes`, 'change-history.v5'],
        [`${change}/input/info/third-party-csr`, 'csr.v2'],
        [`${change}/input/info/change-management-info`, 'change-management-info.v5'],
        [`${change}/input/info/pre-verification-warnings`, 'warnings.v1'],
        [`${change}/input/info/post-verification-warnings`, 'warnings.v1'],
      ] as const
      for (const [path, accept] of paths)
        expect([200, 404], path).toContain((await sdk.call('GET', path, { accept })).status)
    })
  })
}
