import { beforeAll, describe, expect, it } from 'vitest'
import { dvBody } from './bodies.ts'
import { createGoSdkClient, type GoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, cps, passPollInterval, type Tenant, VENDOR_LIKE_HOST } from './rig.ts'
import { liveDv, signRequests, startEnrollment, startThirdParty, uploadBy } from './steps.ts'

/** Versions that clients ask for today (spec: clients D7). */
const VERSIONS = {
  enrollment: [4, 11, 12],
  enrollments: [4, 11, 12],
  change: [1, 2],
  'change-management-info': [3, 5, 6],
  deployment: [3, 7, 8],
  deployments: [7, 8],
  'change-history': [3, 5],
} as const

/** The checklist D7 of spec: clients: what every client relies on, whichever it is. */
export function serverChecklist(rig: () => ClientRig): void {
  describe('Server', () => {
    let tenant: Tenant
    let sdk: GoSdkClient
    beforeAll(async () => {
      tenant = await rig().tenant('server')
      sdk = createGoSdkClient(tenant)
    })
    const get = (path: string, accept: string) => tenant.client.call('GET', path, { accept: cps(accept) })

    it('D7-1 202 on POST, 200 or 202 on PUT and DELETE, 200 elsewhere; always a JSON body with its length', async () => {
      const created = await sdk.call('POST', '/cps/v2/enrollments', {
        query: { contractId: tenant.contract },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body: dvBody('status.server.example'),
      })
      const put = await sdk.call('PUT', created.body.enrollment, {
        query: { 'allow-cancel-pending-changes': 'true' },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body: dvBody('status.server.example', ['more.server.example']),
      })
      const seen = await get(created.body.enrollment, 'enrollment.v11')
      const cancelled = await sdk.call('DELETE', put.body.changes[0], { accept: 'change-id.v1' })
      const removed = await sdk.call('DELETE', created.body.enrollment, { accept: 'enrollment-status.v1' })
      const missing = await get('/cps/v2/enrollments/1', 'enrollment.v11')
      expect([created, put, seen, cancelled, removed, missing].map(({ status }) => status)).toEqual([
        202,
        202,
        200,
        200,
        removed.status,
        404,
      ])
      expect([200, 202]).toContain(removed.status)
      for (const { text, headers } of [created, put, seen, cancelled, removed, missing])
        expect(Number(headers['content-length'])).toBe(Buffer.byteLength(JSON.stringify(JSON.parse(text))))
    })

    it('D7-2 404 is a problem with title Not Found: enrollment, change, input', async () => {
      const { enrollment, change } = await startEnrollment(sdk, tenant, dvBody('missing.server.example'))
      for (const path of [
        '/cps/v2/enrollments/1',
        `${enrollment}/changes/1`,
        `${change}/input/info/third-party-csr`,
        `${change}/input/info/no-such-input`,
        `${enrollment}/deployments/staging`,
      ]) {
        const { status, body, headers } = await tenant.client.call('GET', path)
        expect([path, status, body.title]).toEqual([path, 404, 'Not Found'])
        expect(headers['content-type']).toBe('application/problem+json')
      }
    })

    it('D7-3 the versions that clients ask for', async () => {
      const { enrollment, change } = await liveDv(sdk, tenant, 'versions.server.example')
      const managed = await startEnrollment(
        sdk,
        tenant,
        dvBody('managed.server.example', [], { changeManagement: true }),
      )
      await sdk.acknowledge(managed.change, 'lets-encrypt-challenges-completed')
      await passPollInterval(tenant.client, managed.change)
      const paths: Record<keyof typeof VERSIONS, string> = {
        enrollment,
        enrollments: '/cps/v2/enrollments',
        change,
        'change-management-info': `${managed.change}/input/info/change-management-info`,
        deployment: `${enrollment}/deployments/production`,
        deployments: `${enrollment}/deployments`,
        'change-history': `${enrollment}/history/changes`,
      }
      for (const [resource, versions] of Object.entries(VERSIONS))
        for (const version of versions) {
          const accept = `${resource}.v${version}`
          const { status, headers } = await get(paths[resource as keyof typeof VERSIONS], accept)
          expect([accept, status, headers['content-type']]).toEqual([accept, 200, cps(accept)])
        }
    })

    it('D7-4 the list without contract, and with a contract that has none, is a 200', async () => {
      expect((await get('/cps/v2/enrollments', 'enrollments.v11')).status).toBe(200)
      expect((await get('/cps/v2/enrollments?contractId=', 'enrollments.v11')).status).toBe(200)
    })

    it('D7-5 numbers are numbers; flags in change-management-info are texts; ocspStapling is on or off as text', async () => {
      const { enrollment, change } = await startEnrollment(
        sdk,
        tenant,
        dvBody('types.server.example', [], { changeManagement: true }),
      )
      const { body } = await get(enrollment, 'enrollment.v11')
      expect([typeof body.id, typeof body.maxAllowedSanNames]).toEqual(['number', 'number'])
      expect(body.networkConfiguration.ocspStapling).toBe('on')
      await sdk.acknowledge(change, 'lets-encrypt-challenges-completed')
      await passPollInterval(tenant.client, change)
      const info = (await get(`${change}/input/info/change-management-info`, 'change-management-info.v5'))
        .body
      const { quicEnabled, sniOnly, ocspStapling } = info.pendingState.pendingNetworkConfiguration
      expect([quicEnabled, sniOnly, ocspStapling]).toEqual(['false', 'true', 'on'])
    })

    it('D7-6 the status of domain validation is misspelled as it has always been', async () => {
      const { change } = await startEnrollment(sdk, tenant, dvBody('spelling.server.example'))
      expect((await sdk.status(change)).status).toBe('coodinate-domain-validation')
    })

    it('D7-7 allowedInput: exact types at index 0, one entry, server-relative addresses that answer', async () => {
      const { change } = await startThirdParty(sdk, tenant, 'input.server.example', {
        changeManagement: true,
      })
      const met: [string, boolean, string, string][] = []
      const note = async () => {
        const { inputs } = await sdk.status(change)
        expect(inputs).toHaveLength(1)
        for (const { type, requiredToProceed, info, update } of inputs) {
          met.push([type, requiredToProceed, info.slice(change.length), update.slice(change.length)])
          expect((await tenant.client.call('GET', info)).status).toBe(200)
        }
      }
      await note()
      await uploadBy(sdk, change, await signRequests(sdk, rig(), change))
      await passPollInterval(tenant.client, change)
      await note()
      const dv = await startEnrollment(sdk, tenant, dvBody('dvinput.server.example'))
      const [challenge] = (await sdk.status(dv.change)).inputs
      expect(challenge).toEqual({
        type: 'lets-encrypt-challenges',
        requiredToProceed: false,
        info: `${dv.change}/input/info/lets-encrypt-challenges`,
        update: `${dv.change}/input/update/lets-encrypt-challenges-completed`,
      })
      expect(met).toEqual([
        [
          'third-party-certificate',
          true,
          '/input/info/third-party-csr',
          '/input/update/third-party-cert-and-trust-chain',
        ],
        [
          'change-management',
          true,
          '/input/info/change-management-info',
          '/input/update/change-management-ack',
        ],
      ])
    })

    it('D7-8 an acknowledgement or upload is seen in the very next GET', async () => {
      const { change } = await startThirdParty(sdk, tenant, 'next.server.example', { changeManagement: true })
      await uploadBy(sdk, change, await signRequests(sdk, rig(), change))
      expect((await sdk.status(change)).status).not.toBe('wait-upload-third-party')
      await passPollInterval(tenant.client, change)
      await sdk.acknowledge(change, 'change-management-ack')
      expect((await sdk.status(change)).status).not.toBe('wait-ack-change-management')
    })

    it('D7-9 no pre-verification review by default, even where there is something to say', async () => {
      await liveDv(sdk, tenant, 'twice.server.example')
      const answer = await sdk.call('POST', '/cps/v2/enrollments', {
        query: { contractId: tenant.contract, 'allow-duplicate-cn': 'true' },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body: dvBody('twice.server.example'),
      })
      // The name is validated already, so that the change may be complete by now.
      expect(['coodinate-domain-validation', 'complete']).toContain(
        (await sdk.status(answer.body.changes[0])).status,
      )
    })

    it('D7-10 histories are newest first', async () => {
      const { enrollment } = await liveDv(sdk, tenant, 'newest.server.example')
      const renewed = await sdk.call('PUT', enrollment, {
        query: { 'force-renewal': 'true' },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body: dvBody('newest.server.example'),
      })
      await passPollInterval(tenant.client, renewed.body.changes[0])
      const { changes } = (await get(`${enrollment}/history/changes`, 'change-history.v5')).body
      expect(changes.map(({ action }: { action: string }) => action)).toEqual(['renew', 'new-certificate'])
    })

    it('D7-11 completed changes stay readable', async () => {
      const { change } = await liveDv(sdk, tenant, 'readable.server.example')
      for (const version of [1, 2])
        expect((await get(change, `change.v${version}`)).body.statusInfo.status).toBe('complete')
    })

    it('D7-12 a Content-Type on GET and DELETE and unknown query parameters are ignored', async () => {
      const { enrollment, change } = await startEnrollment(sdk, tenant, dvBody('ignored.server.example'))
      const headers = { 'content-type': 'application/json' }
      const seen = await tenant.client.call('GET', `${enrollment}?no-such=1`, {
        accept: cps('enrollment.v11'),
        headers,
      })
      const cancelled = await tenant.client.call('DELETE', `${change}?verbose`, {
        accept: cps('change-id.v1'),
        headers,
      })
      expect([seen.status, cancelled.status]).toEqual([200, 200])
    })

    it('D7-13 /contract-api/v1/contracts/identifiers: an array of texts', async () => {
      const { status, body } = await tenant.client.call(
        'GET',
        '/contract-api/v1/contracts/identifiers?depth=TOP',
      )
      expect([status, body]).toEqual([200, [tenant.contract]])
    })

    it('D7-14 TLS under a host of the vendor’s kind, with a certificate that fits', async () => {
      expect(tenant.vendorLike.host).toContain(VENDOR_LIKE_HOST)
      expect(
        (await tenant.vendorLike.call('GET', '/contract-api/v1/contracts/identifiers?depth=TOP')).status,
      ).toBe(200)
    })
  })
}
