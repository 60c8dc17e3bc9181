import { beforeAll, describe, expect, it } from 'vitest'
import { dvBody } from './bodies.ts'
import { createGoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, cps, passPollInterval, type Tenant } from './rig.ts'
import { liveDv } from './steps.ts'

/** The checklist D6 of spec: clients: the Cortex XSOAR integration, and scripts of older times. */
export function otherClientsChecklist(rig: () => ClientRig): void {
  describe('Other clients', () => {
    let tenant: Tenant
    beforeAll(async () => {
      tenant = await rig().tenant('others')
    })
    const call = (method: string, path: string, accept: string, sent?: string, body?: unknown) =>
      tenant.client.call(method, path, {
        accept: cps(accept),
        ...(sent !== undefined && { contentType: cps(sent) }),
        ...(body !== undefined && { body }),
      })
    const acknowledge = (change: string, update: string, hash?: string) =>
      call(
        'POST',
        `${change}/input/update/${update}`,
        'change-id.v1',
        hash === undefined ? 'acknowledgement.v1' : 'acknowledgement-with-hash.v1',
        { acknowledgement: 'acknowledge', ...(hash !== undefined && { hash }) },
      )

    it('D6-1 XSOAR: creation and update with whole ISO timestamps; they come back in the schedule', async () => {
      const created = await call(
        'POST',
        `/cps/v2/enrollments?contractId=${tenant.contract}&deploy-not-after=2099-01-31T00:00:00.000Z&deploy-not-before=2021-01-31T00:00:00.000Z`,
        'enrollment-status.v1',
        'enrollment.v9',
        dvBody('xsoar.others.example'),
      )
      expect(created.status, created.text).toBe(202)
      const { statusInfo } = (await call('GET', created.body.changes[0], 'change.v2')).body
      expect(statusInfo.deploymentSchedule).toEqual({
        notAfter: '2099-01-31T00:00:00Z',
        notBefore: '2021-01-31T00:00:00Z',
      })
      const updated = await call(
        'PUT',
        `${created.body.enrollment}?allow-cancel-pending-changes=true&allow-staging-bypass=true&force-renewal=true&renewal-date-check-override=true&deploy-not-after=2099-02-28T00:00:00.000Z`,
        'enrollment-status.v1',
        'enrollment.v11',
        dvBody('xsoar.others.example'),
      )
      expect([200, 202], updated.text).toContain(updated.status)
    })

    it('D6-2 XSOAR: change-management-info and deployment at the same address, acknowledgements with and without hash', async () => {
      for (const withHash of [true, false]) {
        const created = await call(
          'POST',
          `/cps/v2/enrollments?contractId=${tenant.contract}`,
          'enrollment-status.v1',
          'enrollment.v11',
          dvBody(`hash-${withHash}.others.example`, [], { changeManagement: true }),
        )
        const [change] = created.body.changes
        await acknowledge(change, 'lets-encrypt-challenges-completed')
        await passPollInterval(tenant.client, change)
        const path = `${change}/input/info/change-management-info`
        const info = (await call('GET', path, 'change-management-info.v5')).body
        for (const version of [3, 6, 7, 8])
          expect([version, (await call('GET', path, `deployment.v${version}`)).status]).toEqual([
            version,
            200,
          ])
        const answer = await acknowledge(
          change,
          'change-management-ack',
          withHash ? info.validationResultHash : undefined,
        )
        expect(answer.status).toBe(200)
      }
    })

    it('D6-3 XSOAR: active-certificates lists what is live alone', async () => {
      await liveDv(createGoSdkClient(tenant), tenant, 'active.others.example')
      const { status, body } = await call('GET', '/cps/v2/active-certificates', 'active-certificates.v2')
      expect(status).toBe(200)
      const names = body.enrollments.map(({ csr }: { csr: { cn: string } }) => csr.cn)
      expect(names).toContain('active.others.example')
      expect(names).not.toContain('xsoar.others.example')
    })

    it('D6-4 scripts of older times: enrollment v7 to v11, change v1 and v2, challenges v1 and v2, deployments v7', async () => {
      for (const version of [7, 8, 9, 10, 11]) {
        const name = `v${version}.others.example`
        const created = await call(
          'POST',
          `/cps/v2/enrollments?contractId=${tenant.contract}`,
          'enrollment-status.v1',
          `enrollment.v${version}`,
          dvBody(name),
        )
        expect([version, created.status, created.text]).toEqual([version, 202, expect.any(String)])
        const read = await call('GET', created.body.enrollment, `enrollment.v${version}`)
        expect(read.body.csr.cn).toBe(name)
        const [pending] = read.body.pendingChanges
        expect(version < 10 ? pending : pending.location).toBe(created.body.changes[0])
      }
      const { body } = await call('GET', '/cps/v2/enrollments', 'enrollments.v11')
      const waiting = body.enrollments.find(
        ({ csr }: { csr: { cn: string } }) => csr.cn === 'v7.others.example',
      )
      const change = waiting.pendingChanges[0].location
      for (const [path, accept] of [
        [change, 'change.v1'],
        [change, 'change.v2'],
        [`${change}/input/info/lets-encrypt-challenges`, 'dv-challenges.v1'],
        [`${change}/input/info/lets-encrypt-challenges`, 'dv-challenges.v2'],
        [`${waiting.location}/deployments`, 'deployments.v7'],
      ])
        expect([accept, (await call('GET', path, accept)).status]).toEqual([accept, 200])
    })
  })
}
