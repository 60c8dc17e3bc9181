import { beforeAll, describe, expect, it } from 'vitest'
import { thirdPartyBody } from './bodies.ts'
import { createGoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, cps, passPollInterval, type Tenant } from './rig.ts'
import { liveThirdParty, reviewed, signRequests } from './steps.ts'

/** The checklist D5 of spec: clients. */
export function keyfactorChecklist(rig: () => ClientRig): void {
  describe('Keyfactor orchestrator', () => {
    let tenant: Tenant
    beforeAll(async () => {
      tenant = await rig().tenant('keyfactor')
    })
    const call = (method: string, path: string, accept: string, sent?: string, body?: unknown) =>
      tenant.client.call(method, path, {
        accept: cps(accept),
        ...(sent !== undefined && { contentType: cps(sent) }),
        ...(body !== undefined && { body }),
      })
    const create = (cn: string, changeManagement: boolean) =>
      call(
        'POST',
        `/cps/v2/enrollments?contractId=${tenant.contract}`,
        'enrollment-status.v1',
        'enrollment.v11',
        thirdPartyBody(cn, [], { changeManagement }),
      )

    it('D5-1 inventory: the list without contractId has id, csr.cn, ra, pendingChanges', async () => {
      await create('inventory.keyfactor.example', true)
      const { status, body } = await call('GET', '/cps/v2/enrollments', 'enrollments.v11')
      expect(status).toBe(200)
      for (const one of body.enrollments)
        expect(one).toMatchObject({
          id: expect.any(Number),
          csr: { cn: expect.any(String) },
          ra: 'third-party',
          pendingChanges: expect.any(Array),
        })
    })

    it('D5-2 deployments v7: both networks or null, primary and multi-stacked', async () => {
      const live = await liveThirdParty(rig(), createGoSdkClient(tenant), tenant, 'live.keyfactor.example')
      const { body } = await call('GET', `${live.enrollment}/deployments`, 'deployments.v7')
      for (const network of [body.production, body.staging]) {
        expect(network.primaryCertificate.certificate).toContain('BEGIN CERTIFICATE')
        expect(network.multiStackedCertificates).toHaveLength(1)
      }
      const fresh = await create('fresh.keyfactor.example', true)
      const none = await call('GET', `${fresh.body.enrollment}/deployments`, 'deployments.v7')
      expect(none.body).toEqual({ production: null, staging: null })
    })

    it('D5-3 create: 202; the same common name again is a 409, which it takes for "already exists"', async () => {
      expect((await create('twice.keyfactor.example', true)).status).toBe(202)
      const again = await create('twice.keyfactor.example', true)
      expect([again.status, again.headers['content-type']]).toEqual([409, 'application/problem+json'])
    })

    describe('renewal', () => {
      let change: string
      it('D5-4 GET enrollment, PUT with force-renewal: the last entry of changes is the new change', async () => {
        const { enrollment } = await liveThirdParty(
          rig(),
          createGoSdkClient(tenant),
          tenant,
          'renew.keyfactor.example',
        )
        const { body } = await call('GET', enrollment, 'enrollment.v11')
        const answer = await call(
          'PUT',
          `${enrollment}?force-renewal=true&allow-cancel-pending-changes=true`,
          'enrollment-status.v1',
          'enrollment.v11',
          body,
        )
        expect([200, 202]).toContain(answer.status)
        change = answer.body.changes.at(-1)
      })

      it('D5-5 CSR: csr.v2 by keyAlgorithm at once, so that none of its five tries is needed; 404 while there is none', async () => {
        const { status, body } = await call('GET', `${change}/input/info/third-party-csr`, 'csr.v2')
        expect(status).toBe(200)
        expect(body.csrs.map((one: { keyAlgorithm: string }) => one.keyAlgorithm)).toContain('RSA')
        const none = await call('GET', `${change.replace(/\d+$/, '1')}/input/info/third-party-csr`, 'csr.v2')
        expect(none.status).toBe(404)
      })

      it('D5-6 upload of one algorithm, then the post-verification ack without having read warnings: 200 at a review', async () => {
        const sdk = createGoSdkClient(tenant)
        const [, rsa] = reviewed(rig(), await signRequests(sdk, rig(), change))
        const upload = await call(
          'POST',
          `${change}/input/update/third-party-cert-and-trust-chain`,
          'change-id.v1',
          'certificate-and-trust-chain.v2',
          { certificatesAndTrustChains: [rsa] },
        )
        expect(upload.status, upload.text).toBe(200)
        const acknowledged = await call(
          'POST',
          `${change}/input/update/post-verification-warnings-ack`,
          'change-id.v1',
          'acknowledgement.v1',
          { acknowledgement: 'acknowledge' },
        )
        expect(acknowledged.status).toBe(200)
      })

      it('D5-7 change history v5 for its books: the newest row is the renewal', async () => {
        await passPollInterval(tenant.client, change)
        const path = change.replace(/\/changes\/\d+$/, '')
        const { status, body } = await call('GET', `${path}/history/changes`, 'change-history.v5')
        expect(status).toBe(200)
        expect(body.changes[0]).toMatchObject({ action: 'renew', status: 'completed' })
      })
    })

    it('D5-8 post-verification-warnings-ack when there is no such step: 404, and the change is as it was', async () => {
      const created = await create('nostep.keyfactor.example', false)
      const [change] = created.body.changes
      const before = (await call('GET', change, 'change.v2')).body
      const answer = await call(
        'POST',
        `${change}/input/update/post-verification-warnings-ack`,
        'change-id.v1',
        'acknowledgement.v1',
        { acknowledgement: 'acknowledge' },
      )
      expect([answer.status, answer.body.title]).toEqual([404, 'Not Found'])
      expect((await call('GET', change, 'change.v2')).body).toEqual(before)
    })
  })
}
