import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TestResponse } from '../../support/test-client.ts'
import { dvBody, thirdPartyBody } from './bodies.ts'
import { type ClientRig, cps, lastSegment, passPollInterval, type Tenant } from './rig.ts'

const REQUESTS = {
  'user-agent': 'python-requests/2.32.3',
  'accept-encoding': 'gzip, deflate',
  connection: 'keep-alive',
}

/** The checklist D3 of spec: clients: commands in the order in which somebody uses them. Success codes are compared exactly, every answer is JSON. */
export function pythonCliChecklist(rig: () => ClientRig): void {
  describe('Python CLI (cli-cps)', () => {
    let tenant: Tenant
    beforeAll(async () => {
      tenant = await rig().tenant('pycli')
    })

    const call = async (
      method: string,
      path: string,
      types: { accept?: string; sent?: string } = {},
      body?: unknown,
    ): Promise<TestResponse> => {
      const answer = await tenant.client.call(method, path, {
        accept: types.accept === undefined ? '*/*' : cps(types.accept),
        ...(body !== undefined && { body }),
        headers: { ...REQUESTS, ...(types.sent !== undefined && { 'content-type': cps(types.sent) }) },
      })
      expect(() => JSON.parse(answer.text), `${method} ${path}`).not.toThrow()
      return answer
    }
    const readEnrollment = (enrollment: string) => call('GET', enrollment, { accept: 'enrollment.v11' })
    const readChange = (change: string) => call('GET', change, { accept: 'change.v1' })
    /** The first entry with requiredToProceed true, else index 0. */
    const chosenInput = async (change: string) => {
      const { allowedInput } = (await readChange(change)).body
      return (
        allowedInput.find((one: { requiredToProceed: boolean }) => one.requiredToProceed) ?? allowedInput[0]
      )
    }
    const create = async (body: unknown, more = '') => {
      const answer = await call(
        'POST',
        `/cps/v2/enrollments?contractId=${tenant.contract}${more}`,
        { accept: 'enrollment-status.v1', sent: 'enrollment.v11' },
        body,
      )
      expect([200, 202], answer.text).toContain(answer.status)
      return { enrollment: answer.body.enrollment as string, change: answer.body.changes[0] as string }
    }
    const acknowledge = (change: string, update: string) =>
      call(
        'POST',
        update.startsWith('/') ? update : `${change}/input/update/${update}`,
        { accept: 'change-id.v1', sent: 'acknowledgement.v1' },
        { acknowledgement: 'acknowledge' },
      )
    const createLive = async (cn: string) => {
      const created = await create(dvBody(cn))
      await acknowledge(created.change, 'lets-encrypt-challenges-completed')
      await passPollInterval(tenant.client, created.change)
      return created
    }

    it('D3-1 setup: contract ids as a JSON array, then the list of each contract in v4', async () => {
      const { enrollment } = await create(dvBody('setup.pycli.example'))
      const contracts = await call('GET', '/contract-api/v1/contracts/identifiers?depth=TOP')
      expect([contracts.status, contracts.body]).toEqual([200, [tenant.contract]])
      for (const contract of contracts.body as string[]) {
        const list = await call('GET', `/cps/v2/enrollments?contractId=${contract.replace('ctr_', '')}`, {
          accept: 'enrollments.v4',
        })
        expect(list.status).toBe(200)
        const one = list.body.enrollments.find(
          ({ location }: { location: string }) => lastSegment(location) === lastSegment(enrollment),
        )
        expect(one.csr.cn).toBe('setup.pycli.example')
        expect(one.csr.sans).toEqual(['setup.pycli.example'])
      }
    })

    it('D3-2 list without contract: location, csr, pendingChanges with a length, both types', async () => {
      const { status, body } = await call('GET', '/cps/v2/enrollments', { accept: 'enrollments.v4' })
      expect([status, body.enrollments.length > 0]).toEqual([200, true])
      for (const one of body.enrollments) {
        expect(one.location).toMatch(/\/\d+$/)
        expect(Array.isArray(one.pendingChanges)).toBe(true)
        expect([typeof one.validationType, typeof one.certificateType]).toEqual(['string', 'string'])
      }
    })

    it('D3-3 retrieve-enrollment, edited and sent back by update: read-only members are ignored, 200 or 202', async () => {
      const { enrollment } = await createLive('update.pycli.example')
      const dumped = (await readEnrollment(enrollment)).body
      const edited = {
        ...dumped,
        csr: { ...dumped.csr, sans: ['update.pycli.example', 'new.pycli.example'] },
      }
      const answer = await call(
        'PUT',
        `${enrollment}?allow-cancel-pending-changes=true`,
        { accept: 'enrollment-status.v1', sent: 'enrollment.v11' },
        edited,
      )
      expect([answer.status, answer.body.enrollment]).toEqual([202, enrollment])
      const forced = await call(
        'PUT',
        `${enrollment}?allow-cancel-pending-changes=true&force-renewal=true`,
        { accept: 'enrollment-status.v1', sent: 'enrollment.v11' },
        (await readEnrollment(enrollment)).body,
      )
      expect([200, 202]).toContain(forced.status)
    })

    it('D3-4 retrieve-deployed: deployment.v3 with certificate and trustChain at the top; not 200, but JSON, when nothing is deployed', async () => {
      const { enrollment } = await createLive('deployed.pycli.example')
      for (const network of ['production', 'staging']) {
        const { status, body } = await call('GET', `${enrollment}/deployments/${network}`, {
          accept: 'deployment.v3',
        })
        expect(status).toBe(200)
        expect(new X509Certificate(body.certificate).subject).toContain('deployed.pycli.example')
        expect(new X509Certificate(body.trustChain).ca).toBe(true)
      }
      const empty = await create(dvBody('undeployed.pycli.example'))
      const none = await call('GET', `${empty.enrollment}/deployments/production`, {
        accept: 'deployment.v3',
      })
      expect([none.status, none.body.title]).toEqual([404, 'Not Found'])
    })

    describe('DV: status, proceed', () => {
      let created: { enrollment: string; change: string }
      it('D3-5 status: enrollment v11, change v1, then the info URL of allowedInput[0] as it stands there', async () => {
        created = await create(dvBody('dv.pycli.example', ['*.pycli.example']), '&allow-duplicate-cn=true')
        const change = (await readEnrollment(created.enrollment)).body.pendingChanges[0].location
        const { statusInfo, allowedInput } = (await readChange(change)).body
        expect(statusInfo).toMatchObject({ state: 'awaiting-input', error: null })
        expect(typeof statusInfo.description).toBe('string')
        expect(allowedInput[0].type).toBe('lets-encrypt-challenges')
        const { status, body } = await call('GET', allowedInput[0].info, { accept: 'dv-challenges.v2' })
        expect(status).toBe(200)
        for (const { domain, status: state, expires, challenges } of body.dv) {
          expect([typeof domain, typeof state, typeof expires]).toEqual(['string', 'string', 'string'])
          const http = challenges.find(({ type }: { type: string }) => type === 'http-01')
          const dns = challenges.find(({ type }: { type: string }) => type === 'dns-01')
          expect(dns.responseBody).toMatch(/^[\w-]{43}$/)
          if (domain.startsWith('*.')) expect(http).toBeUndefined()
          else expect(http.token).toMatch(/^[\w-]+$/)
        }
      })

      it('D3-6 proceed sends nothing for DV: the names are validated without an acknowledgement', async () => {
        const turned = await rig().instance.client.call('POST', '/certrail/v1/clock/advance', {
          body: { by: 'PT31S' },
        })
        expect(turned.status).toBe(200)
        expect((await readChange(created.change)).body.statusInfo).toMatchObject({
          state: 'completed',
          status: 'complete',
        })
      })
    })

    describe('third-party with change management: status, proceed', () => {
      let created: { enrollment: string; change: string }
      it('D3-7 third-party-certificate: csr.v2 at info; proceed posts one entry with all three members per call', async () => {
        created = await create(thirdPartyBody('third.pycli.example', [], { changeManagement: true }))
        const input = await chosenInput(created.change)
        expect(input.type).toBe('third-party-certificate')
        expect((await readChange(created.change)).body.statusInfo.status).toBe('wait-upload-third-party')
        const { csrs } = (await call('GET', input.info, { accept: 'csr.v2' })).body
        const rsa = csrs.find(({ keyAlgorithm }: { keyAlgorithm: string }) => keyAlgorithm === 'RSA')
        const answer = await call(
          'POST',
          input.update,
          { accept: 'change-id.v1', sent: 'certificate-and-trust-chain.v2' },
          {
            certificatesAndTrustChains: [
              {
                certificate: await rig().authority.sign(rsa.csr),
                trustChain: rig().authority.intermediatePem,
                keyAlgorithm: 'RSA',
              },
            ],
          },
        )
        expect([answer.status, answer.body]).toEqual([200, { change: created.change }])
        await passPollInterval(tenant.client, created.change)
      })

      it('D3-8 change-management: change-management-info.v3 with what the CLI indexes', async () => {
        const { statusInfo } = (await readChange(created.change)).body
        expect(statusInfo.status).toBe('wait-ack-change-management')
        const input = await chosenInput(created.change)
        expect(input.type).toBe('change-management')
        const { status, body } = await call('GET', input.info, { accept: 'change-management-info.v3' })
        expect(status).toBe(200)
        const { pendingCertificate, pendingNetworkConfiguration: network } = body.pendingState
        expect(new X509Certificate(pendingCertificate.fullCertificate).subject).toContain(
          'third.pycli.example',
        )
        expect(pendingCertificate.certificateType).toBe('third-party')
        expect(Object.keys(network)).toEqual(
          expect.arrayContaining(['sni', 'networkType', 'mustHaveCiphers', 'preferredCiphers']),
        )
        expect(Object.keys(body)).toEqual(
          expect.arrayContaining(['validationResult', 'validationResultHash']),
        )
      })

      it('D3-9 proceed: acknowledgement-with-hash.v1 with the hash just read: 200', async () => {
        const input = await chosenInput(created.change)
        const { body } = await call('GET', input.info, { accept: 'change-management-info.v3' })
        const answer = await call(
          'POST',
          input.update,
          { accept: 'change-id.v1', sent: 'acknowledgement-with-hash.v1' },
          { acknowledgement: 'acknowledge', hash: body.validationResultHash },
        )
        expect([answer.status, answer.body]).toEqual([200, { change: created.change }])
        expect((await readChange(created.change)).body.statusInfo.status).not.toBe(
          'wait-ack-change-management',
        )
      })
    })

    it('D3-10 post-verification-warnings-acknowledgement: warnings at info, acknowledgement.v1 to update', async () => {
      const { change } = await create(thirdPartyBody('review.pycli.example'))
      const upload = await chosenInput(change)
      const { csrs } = (await call('GET', upload.info, { accept: 'csr.v2' })).body
      await call(
        'POST',
        upload.update,
        { accept: 'change-id.v1', sent: 'certificate-and-trust-chain.v2' },
        {
          certificatesAndTrustChains: [
            {
              certificate: await rig().authority.sign(csrs[0].csr),
              trustChain: rig().authority.rootPem,
              keyAlgorithm: csrs[0].keyAlgorithm,
            },
          ],
        },
      )
      expect((await readChange(change)).body.statusInfo.status).toBe('wait-review-third-party-cert')
      const input = await chosenInput(change)
      expect(input.type).toBe('post-verification-warnings-acknowledgement')
      const warnings = await call('GET', input.info, { accept: 'warnings.v1' })
      expect(warnings.body.warnings).toMatch(/\S/)
      expect((await acknowledge(change, input.update)).status).toBe(200)
    })

    it('D3-11 cancel: GET enrollment, GET change exactly 200, DELETE exactly 200', async () => {
      const { enrollment } = await create(dvBody('cancel.pycli.example'))
      const change = (await readEnrollment(enrollment)).body.pendingChanges[0].location
      expect((await readChange(change)).status).toBe(200)
      expect((await call('DELETE', change, { accept: 'change-id.v1' })).status).toBe(200)
    })

    it('D3-12 delete: pendingChanges is empty, DELETE without flags is a 200 or 202', async () => {
      const { enrollment } = await createLive('delete.pycli.example')
      expect((await readEnrollment(enrollment)).body.pendingChanges).toEqual([])
      expect([200, 202]).toContain(
        (await call('DELETE', enrollment, { accept: 'enrollment-status.v1' })).status,
      )
    })

    it('D3-13 audit: every member that it indexes, per enrollment; deployment v3, change v1, change-history v3', async () => {
      const { enrollment, change } = await createLive('audit.pycli.example')
      const { body } = await readEnrollment(enrollment)
      expect(Array.isArray(body.csr.sans)).toBe(true)
      for (const contact of [body.adminContact, body.techContact])
        expect(Object.keys(contact)).toEqual(
          expect.arrayContaining(['firstName', 'lastName', 'email', 'phone']),
        )
      const { networkConfiguration: network } = body
      expect(typeof network.sniOnly).toBe('boolean')
      expect(Array.isArray(network.disallowedTlsVersions)).toBe(true)
      for (const member of ['geography', 'secureNetwork', 'mustHaveCiphers', 'preferredCiphers'])
        expect([member, typeof network[member]]).toEqual([member, 'string'])
      expect((await readChange(change)).status).toBe(200)
      const history = await call('GET', `${enrollment}/history/changes`, { accept: 'change-history.v3' })
      expect(history.status).toBe(200)
      for (const row of history.body.changes) {
        const order = row.primaryCertificateOrderDetails
        if (order !== null) expect(typeof order.geotrustOrderId).toBe('number')
      }
    })

    it('D3-14 account switching: the key is glued to each URL, also to one that has it already', async () => {
      const { enrollment, change } = await create(dvBody('glued.pycli.example'))
      const key = `accountSwitchKey=${tenant.switchKey}`
      for (const path of [
        `/cps/v2/enrollments?contractId=${tenant.contract}&${key}`,
        `${enrollment}?${key}`,
        `${change}?${key}&${key}`,
        `${change}/input/info/lets-encrypt-challenges?${key}`,
        `/contract-api/v1/contracts/identifiers?depth=TOP&${key}`,
      ]) {
        const answer = await rig().administrator.call('GET', path, { headers: REQUESTS })
        expect([path, answer.status]).toEqual([path, 200])
      }
    })

    it('D3-15 an error is JSON whatever went wrong, and state error carries an error with code and description', async () => {
      const refused = [
        await call('GET', '/cps/v2/enrollments/1', { accept: 'enrollment.v11' }),
        await call('GET', '/cps/v2/enrollments/none', { accept: 'enrollment.v11' }),
        await call('GET', '/cps/v2/nothing'),
        await call(
          'POST',
          '/cps/v2/enrollments?contractId=C-NOBODY',
          { accept: 'enrollment-status.v1', sent: 'enrollment.v11' },
          dvBody('error.pycli.example'),
        ),
      ]
      for (const { status, body } of refused) {
        expect(status).toBeGreaterThanOrEqual(400)
        expect(typeof body.title).toBe('string')
      }
    })
  })
}
