import { beforeAll, describe, expect, it } from 'vitest'
import { dvBody } from './bodies.ts'
import { type ClientRig, cps, lastSegment, passPollInterval, type Tenant, VENDOR_LIKE_HOST } from './rig.ts'

/** The checklist D4 of spec: clients. */
export function powershellChecklist(rig: () => ClientRig): void {
  describe('PowerShell modules', () => {
    let tenant: Tenant
    let enrollment: string
    let change: string
    beforeAll(async () => {
      tenant = await rig().tenant('pwsh')
    })

    /** Invoke-RestMethod brings a Content-Type on every call. */
    const call = (method: string, path: string, accept: string, sent?: string, body?: unknown) =>
      tenant.client.call(method, path, {
        accept: cps(accept),
        ...(body !== undefined && { body }),
        headers: {
          'content-type': sent === undefined ? 'application/json; charset=utf-8' : cps(sent),
          'user-agent': 'Mozilla/5.0 (Linux) PowerShell/7.4.6 AkamaiPowershell/2.0.0',
        },
      })

    it('D4.1-1 v1: enrollments v11 with and without contract, deployments v7, histories', async () => {
      for (const path of ['/cps/v2/enrollments', `/cps/v2/enrollments?contractId=${tenant.contract}`])
        expect((await call('GET', path, 'enrollments.v11')).status).toBe(200)
      const created = await call(
        'POST',
        `/cps/v2/enrollments?contractId=${tenant.contract}`,
        'enrollment-status.v1',
        'enrollment.v11',
        dvBody('one.pwsh.example'),
      )
      const path = created.body.enrollment
      await call(
        'POST',
        `${created.body.changes[0]}/input/update/lets-encrypt-challenges-completed`,
        'change-id.v1',
        'acknowledgement.v1',
        { acknowledgement: 'acknowledge' },
      )
      await passPollInterval(tenant.client, created.body.changes[0])
      for (const [tail, accept] of [
        ['/deployments', 'deployments.v7'],
        ['/deployments/production', 'deployment.v7'],
        ['/deployments/staging', 'deployment.v7'],
        ['/history/certificates', 'certificate-history.v2'],
        ['/history/changes', 'change-history.v5'],
        ['/dv-history', 'dv-history.v1'],
      ] as const)
        expect([tail, (await call('GET', `${path}${tail}`, accept)).status]).toEqual([tail, 200])
    })

    it('D4.1-2 the API answers under a host below akamaiapis.net, its certificate fits and the signature covers that host', async () => {
      const answer = await tenant.vendorLike.call('GET', '/cps/v2/enrollments', {
        accept: cps('enrollments.v11'),
      })
      expect([tenant.vendorLike.host.split(':')[0], answer.status]).toEqual([VENDOR_LIKE_HOST, 200])
    })

    it('D4.2-1 POST DV with change management under v12, allowDuplicateCN as this client spells it: enrollment, changes', async () => {
      const { status, body, text } = await call(
        'POST',
        `/cps/v2/enrollments?contractId=${tenant.contract}&allowDuplicateCN=true`,
        'enrollment-status.v1',
        'enrollment.v12',
        dvBody('one.pwsh.example', ['two.pwsh.example'], { changeManagement: true }),
      )
      expect(status, text).toBe(202)
      expect(body.enrollment).toMatch(/\d+$/)
      expect(body.changes[0]).toMatch(/\d+$/)
      enrollment = body.enrollment
    })

    it('D4.2-2 GET list under v12, all and by contract; GET active-certificates v2', async () => {
      for (const path of ['/cps/v2/enrollments', `/cps/v2/enrollments?contractId=${tenant.contract}`]) {
        const { body } = await call('GET', path, 'enrollments.v12')
        expect(body.enrollments.map(({ id }: { id: number }) => id)).toContain(lastSegment(enrollment))
      }
      const active = await call('GET', '/cps/v2/active-certificates', 'active-certificates.v2')
      expect(active.status).toBe(200)
      expect(active.body.enrollments[0]).toMatchObject({
        id: expect.any(Number),
        csr: { cn: 'one.pwsh.example' },
        production: { primaryCertificate: { certificate: expect.any(String), expiry: expect.any(String) } },
        productionSlots: expect.any(Array),
        stagingSlots: expect.any(Array),
      })
    })

    it('D4.2-3 GET, add a SAN, PUT with allow-cancel-pending-changes', async () => {
      const { body } = await call('GET', enrollment, 'enrollment.v12')
      const answer = await call(
        'PUT',
        `${enrollment}?allow-cancel-pending-changes=true`,
        'enrollment-status.v1',
        'enrollment.v12',
        { ...body, csr: { ...body.csr, sans: [...body.csr.sans, 'three.pwsh.example'] } },
      )
      expect([answer.status, answer.body.enrollment]).toEqual([202, enrollment])
      const after = await call('GET', enrollment, 'enrollment.v12')
      expect(after.body.csr.sans).toContain('three.pwsh.example')
      change = after.body.pendingChanges[0].location
    })

    it('D4.2-4 GET change, challenges, and the acknowledgement', async () => {
      const look = await call('GET', change, 'change.v2')
      expect(look.body.allowedInput[0].type).toBe('lets-encrypt-challenges')
      const { body } = await call('GET', `${change}/input/info/lets-encrypt-challenges`, 'dv-challenges.v2')
      expect(body.dv).toHaveLength(3)
    })

    it('D4.2-5 GET and PUT of the deployment schedule with notBefore alone: change', async () => {
      expect((await call('GET', `${change}/deployment-schedule`, 'deployment-schedule.v1')).status).toBe(200)
      const answer = await call(
        'PUT',
        `${change}/deployment-schedule`,
        'change-id.v1',
        'deployment-schedule.v1',
        { notBefore: '2099-01-01T00:00:00Z' },
      )
      expect([answer.status, answer.body]).toEqual([200, { change }])
      const acknowledged = await call(
        'POST',
        `${change}/input/update/lets-encrypt-challenges-completed`,
        'change-id.v1',
        'acknowledgement.v1',
        { acknowledgement: 'acknowledge' },
      )
      expect(acknowledged.body).toEqual({ change })
    })

    it('D4.2-6 change-management-info at another step is an error', async () => {
      const early = await call(
        'POST',
        `/cps/v2/enrollments?contractId=${tenant.contract}`,
        'enrollment-status.v1',
        'enrollment.v12',
        dvBody('early.pwsh.example', [], { changeManagement: true }),
      )
      const answer = await call(
        'GET',
        `${early.body.changes[0]}/input/info/change-management-info`,
        'change-management-info.v6',
      )
      expect([answer.status, answer.body.title]).toEqual([404, 'Not Found'])
    })

    it('D4.2-7 DELETE change: change fits /cps/v2/enrollments/ID/changes/*', async () => {
      const answer = await call('DELETE', change, 'change-id.v1')
      expect(answer.status).toBe(200)
      expect(answer.body.change).toMatch(new RegExp(`^${enrollment}/changes/\\d+$`))
    })

    it('D4.2-8 DELETE enrollment right after: it still answers, although it never went live', async () => {
      const answer = await call('DELETE', enrollment, 'enrollment-status.v1')
      expect([200, 202], answer.text).toContain(answer.status)
      expect(answer.body.enrollment).toBe(enrollment)
    })

    it('D4.2-9 histories and deployments of a live enrollment under its versions: arrays present', async () => {
      const { body } = await call('GET', '/cps/v2/active-certificates', 'active-certificates.v2')
      const path = `/cps/v2/enrollments/${body.enrollments[0].id}`
      const read = async (tail: string, accept: string) => (await call('GET', `${path}${tail}`, accept)).body
      expect((await read('/history/changes', 'change-history.v5')).changes).toEqual(expect.any(Array))
      expect((await read('/history/certificates', 'certificate-history.v2')).certificates).toEqual(
        expect.any(Array),
      )
      expect((await read('/dv-history', 'dv-history.v1')).results).toEqual(expect.any(Array))
      const deployments = await read('/deployments', 'deployments.v8')
      expect(deployments.production.multiStackedCertificates).toEqual([])
    })

    it('D4.2-10 change-management-acknowledgement with -Hash goes as acknowledgement-with-hash.v1, without as acknowledgement.v1', async () => {
      for (const withHash of [true, false]) {
        const created = await call(
          'POST',
          `/cps/v2/enrollments?contractId=${tenant.contract}`,
          'enrollment-status.v1',
          'enrollment.v12',
          dvBody(`hash-${withHash}.pwsh.example`, [], { changeManagement: true }),
        )
        const [own] = created.body.changes
        await call(
          'POST',
          `${own}/input/update/lets-encrypt-challenges-completed`,
          'change-id.v1',
          'acknowledgement.v1',
          { acknowledgement: 'acknowledge' },
        )
        await passPollInterval(tenant.client, own)
        const info = await call(
          'GET',
          `${own}/input/info/change-management-info`,
          'change-management-info.v6',
        )
        expect(info.status).toBe(200)
        const answer = await call(
          'POST',
          `${own}/input/update/change-management-ack`,
          'change-id.v1',
          withHash ? 'acknowledgement-with-hash.v1' : 'acknowledgement.v1',
          { acknowledgement: 'acknowledge', ...(withHash && { hash: info.body.validationResultHash }) },
        )
        expect([answer.status, answer.body]).toEqual([200, { change: own }])
      }
    })
  })
}
