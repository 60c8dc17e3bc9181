import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { dvBody } from './bodies.ts'
import { createGoSdkClient, type GoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, passPollInterval, type Tenant } from './rig.ts'
import { liveDv, startEnrollment } from './steps.ts'

/** Either spelling: older releases of the provider know the misspelled one alone, which is what the server sends. */
const DOMAIN_VALIDATION = 'coodinate-domain-validation'

interface Pending {
  readonly location: string
  readonly changeType: string | null
}

/** The checklist D2.1 to D2.5, D2.8 and D2.9 of spec: clients, step by step as the provider takes them. Its poll intervals pass without being slept. */
export function terraformDvChecklist(rig: () => ClientRig): void {
  describe('Terraform provider, DV resources', () => {
    let tenant: Tenant
    let sdk: GoSdkClient
    beforeAll(async () => {
      tenant = await rig().tenant('tfdv')
      sdk = createGoSdkClient(tenant)
    })

    const readEnrollment = async (enrollment: string) => {
      const answer = await sdk.call('GET', enrollment, { accept: 'enrollment.v11' })
      expect(answer.status, answer.text).toBe(200)
      return answer.body
    }
    const pendingOf = async (enrollment: string): Promise<string | undefined> =>
      ((await readEnrollment(enrollment)).pendingChanges as Pending[])[0]?.location
    const put = (enrollment: string, body: unknown, query: Record<string, string> = {}) =>
      sdk.call('PUT', enrollment, {
        query: { 'allow-cancel-pending-changes': 'true', ...query },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body,
      })

    describe('create, validate, destroy', () => {
      const NAME = 'www.tfdv.example'
      const SANS = ['a.tfdv.example', 'b.tfdv.example']
      let enrollment: string
      let change: string

      it('D2.1-1 POST: 202, enrollment ends in its id; contractId without ctr_, allow-duplicate-cn taken', async () => {
        const answer = await sdk.call('POST', '/cps/v2/enrollments', {
          query: { contractId: tenant.contract, 'allow-duplicate-cn': 'true' },
          accept: 'enrollment-status.v1',
          sent: 'enrollment.v11',
          body: dvBody(NAME, SANS),
        })
        expect(answer.status, answer.text).toBe(202)
        expect(answer.body.enrollment).toMatch(/\/\d+$/)
        enrollment = answer.body.enrollment
      })

      it('D2.1-3 GET enrollment: the one pending change has a location', async () => {
        const { pendingChanges } = await readEnrollment(enrollment)
        expect(pendingChanges).toHaveLength(1)
        expect(pendingChanges[0]).toMatchObject({ changeType: 'new-certificate' })
        change = pendingChanges[0].location
        expect(change).toMatch(/\/changes\/\d+$/)
      })

      it('D2.1-4 the first GET of the change right after shows domain validation with allowedInput, and no error', async () => {
        const look = await sdk.status(change)
        expect(look).toMatchObject({ status: DOMAIN_VALIDATION, errorText: '' })
        expect(look.inputs).toHaveLength(1)
      })

      it('D2.1-5 Read: allowedInput[0] is lets-encrypt-challenges; its pending challenges fill both lists', async () => {
        const { inputs } = await sdk.status(change)
        expect(inputs[0]?.type).toBe('lets-encrypt-challenges')
        const { status, body } = await sdk.call('GET', `${change}/input/info/lets-encrypt-challenges`, {
          accept: 'dv-challenges.v2',
        })
        expect(status).toBe(200)
        const lists: Record<string, string[][]> = { 'http-01': [], 'dns-01': [] }
        for (const { domain, challenges } of body.dv)
          for (const { type, status: state, fullPath, responseBody } of challenges)
            if (state === 'pending') lists[type]?.push([domain, fullPath, responseBody])
        const names = [NAME, ...SANS].toSorted()
        for (const list of Object.values(lists))
          expect(list.map(([domain]) => domain).toSorted()).toEqual(names)
        for (const [domain, fullPath, value] of lists['dns-01'] ?? []) {
          expect(fullPath).toBe(`_acme-challenge.${domain}.`)
          expect(value).toMatch(/^[\w-]{43}$/)
        }
        for (const [domain, fullPath, value] of lists['http-01'] ?? []) {
          expect(fullPath).toMatch(new RegExp(`^http://${domain}/\\.well-known/acme-challenge/[\\w-]+$`))
          expect(value).toMatch(/^[\w-]+\.[\w-]+$/)
        }
      })

      it('D2.2-1 Validate: GET enrollment gives the change, which waits (D2.2-2)', async () => {
        expect(await pendingOf(enrollment)).toBe(change)
        expect((await sdk.status(change)).status).toBe(DOMAIN_VALIDATION)
      })

      it('D2.2-3 POST lets-encrypt-challenges-completed: 200', async () => {
        expect((await sdk.acknowledge(change, 'lets-encrypt-challenges-completed')).status).toBe(200)
      })

      it('D2.2-4 the first GET after it already shows an end of the wait: complete or domain validation', async () => {
        expect(['complete', DOMAIN_VALIDATION]).toContain((await sdk.status(change)).status)
      })

      it('D2.2-6 Read: GET enrollment, GET change status, which stays readable when complete', async () => {
        await passPollInterval(tenant.client, change)
        expect((await readEnrollment(enrollment)).pendingChanges).toEqual([])
        expect(await sdk.status(change)).toMatchObject({ state: 'completed', status: 'complete', inputs: [] })
      })

      it('D2.4-1 Delete: 200 or 202', async () => {
        const answer = await sdk.call('DELETE', enrollment, {
          query: { 'allow-cancel-pending-changes': 'true' },
          accept: 'enrollment-status.v1',
        })
        expect([200, 202]).toContain(answer.status)
        expect(answer.body.enrollment).toBe(enrollment)
      })

      it('D2.4-2 GET enrollment at once: 404 with title Not Found, so that destroy needs no 30 seconds', async () => {
        let gone = await sdk.call('GET', enrollment, { accept: 'enrollment.v11' })
        if (gone.status === 200) {
          await passPollInterval(tenant.client, gone.body.pendingChanges[0].location)
          gone = await sdk.call('GET', enrollment, { accept: 'enrollment.v11' })
        }
        expect([gone.status, gone.body.title]).toEqual([404, 'Not Found'])
      })
    })

    it('D2.1-2 mutual authentication: the PUT straight after the POST cancels its change; the enrollment keeps its id', async () => {
      const { enrollment } = await startEnrollment(sdk, tenant, dvBody('mutual.tfdv.example'))
      const body = dvBody('mutual.tfdv.example')
      const answer = await put(enrollment, {
        ...body,
        networkConfiguration: {
          ...body.networkConfiguration,
          clientMutualAuthentication: {
            authenticationOptions: { ocsp: { enabled: false }, sendCaListToClient: false },
            setId: '12345',
          },
        },
      })
      expect([200, 202], answer.text).toContain(answer.status)
      expect(answer.body.enrollment).toBe(enrollment)
      const change = await pendingOf(enrollment)
      expect((await sdk.status(change ?? '')).status).toBe(DOMAIN_VALIDATION)
      const { networkConfiguration } = await readEnrollment(enrollment)
      expect(networkConfiguration.clientMutualAuthentication).toEqual({
        authenticationOptions: { ocsp: { enabled: false }, sendCaListToClient: false },
        setId: '12345',
      })
    })

    it('D2.3-1 Update: a further SAN leads to a change that waits for validation at the first look', async () => {
      const { enrollment } = await liveDv(sdk, tenant, 'more.tfdv.example')
      const answer = await put(enrollment, dvBody('more.tfdv.example', ['another.tfdv.example']))
      expect(answer.status).toBe(202)
      const { pendingChanges } = await readEnrollment(enrollment)
      expect(pendingChanges).toMatchObject([{ changeType: 'modify-san' }])
      const look = await sdk.status(pendingChanges[0].location)
      expect(look).toMatchObject({ status: DOMAIN_VALIDATION, errorText: '' })
      expect(look.inputs[0]?.type).toBe('lets-encrypt-challenges')
    })

    it('D2.3-2 Update of a contact alone: 200, and pendingChanges stays empty', async () => {
      const { enrollment } = await liveDv(sdk, tenant, 'contact.tfdv.example')
      const body = dvBody('contact.tfdv.example')
      const answer = await put(enrollment, {
        ...body,
        adminContact: { ...body.adminContact, firstName: 'New' },
      })
      expect(answer.status).toBe(200)
      const after = await readEnrollment(enrollment)
      expect([after.pendingChanges, after.adminContact.firstName]).toEqual([[], 'New'])
    })

    it('D2.3-3 DELETE and POST of the same common name in a row: the second enrollment stands', async () => {
      const first = await liveDv(sdk, tenant, 'again.tfdv.example')
      await sdk.call('DELETE', first.enrollment, {
        query: { 'allow-cancel-pending-changes': 'true' },
        accept: 'enrollment-status.v1',
      })
      const second = await liveDv(sdk, tenant, 'again.tfdv.example')
      expect(second.enrollment).not.toBe(first.enrollment)
    })

    it('D2.3-4 Update back to what is live while a change is pending: 200, the change is cancelled, and nothing of it comes later', async () => {
      const body = dvBody('back.tfdv.example')
      const { enrollment } = await liveDv(sdk, tenant, 'back.tfdv.example')
      const { changes } = (await put(enrollment, dvBody('back.tfdv.example', ['taken-back.tfdv.example'])))
        .body
      const answer = await put(enrollment, {
        ...body,
        techContact: { ...body.techContact, firstName: 'New' },
      })
      expect([answer.status, answer.body.changes]).toEqual([200, []])
      const { pendingChanges, csr, techContact } = await readEnrollment(enrollment)
      expect([pendingChanges, csr.sans, techContact.firstName]).toEqual([[], ['back.tfdv.example'], 'New'])
      expect((await sdk.status(changes[0])).state).toBe('cancelled')
    })

    it('D2.5-1 Import: what was sent is what is read, so that the plan has no difference', async () => {
      const sent = dvBody('echo.tfdv.example', ['Echo2.tfdv.example'])
      const { enrollment } = await liveDv(sdk, tenant, 'echo.tfdv.example', {
        csr: sent.csr,
        networkConfiguration: sent.networkConfiguration,
      })
      const read = await readEnrollment(enrollment)
      expect(read.validationType).toBe('dv')
      for (const member of [
        'adminContact',
        'techContact',
        'org',
        'signatureAlgorithm',
        'certificateChainType',
      ] as const)
        expect(read[member], member).toMatchObject(sent[member] as never)
      const { sans, ...subject } = read.csr
      expect(subject).toMatchObject({ c: 'US', cn: 'echo.tfdv.example', l: 'Cambridge', o: 'Example' })
      expect(sans.filter((name: string) => name !== 'echo.tfdv.example')).toEqual(['Echo2.tfdv.example'])
      expect(read.networkConfiguration).toMatchObject(sent.networkConfiguration)
      expect(await put(enrollment, sent)).toMatchObject({ status: 200, body: { changes: [] } })
    })

    it('D2.8-1 data sources: the list of a contract, one enrollment with its change and challenges', async () => {
      const { enrollment } = await startEnrollment(sdk, tenant, dvBody('source.tfdv.example'))
      const list = await sdk.call('GET', '/cps/v2/enrollments', {
        query: { contractId: tenant.contract },
        accept: 'enrollments.v11',
      })
      const one = await readEnrollment(enrollment)
      expect(list.body.enrollments).toContainEqual(one)
      const change = one.pendingChanges[0].location
      const { inputs } = await sdk.status(change)
      expect(inputs[0]?.info).toBe(`${change}/input/info/lets-encrypt-challenges`)
    })

    it('D2.8-2 deployments: both networks, and null where nothing is deployed; autoRenewalStartTime with the enrollment', async () => {
      const { enrollment } = await liveDv(sdk, tenant, 'deployed.tfdv.example')
      const { body } = await sdk.call('GET', `${enrollment}/deployments`, { accept: 'deployments.v8' })
      for (const network of [body.production, body.staging]) {
        const { primaryCertificate: primary } = network
        expect(new X509Certificate(primary.certificate).subject).toContain('deployed.tfdv.example')
        expect(Date.parse(primary.expiry)).toBe(Date.parse(new X509Certificate(primary.certificate).validTo))
      }
      expect((await readEnrollment(enrollment)).autoRenewalStartTime).toMatch(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      )
      const { enrollment: empty } = await startEnrollment(sdk, tenant, dvBody('empty.tfdv.example'))
      const none = await sdk.call('GET', `${empty}/deployments`, { accept: 'deployments.v8' })
      expect([none.status, none.body]).toEqual([200, { production: null, staging: null }])
      expect((await readEnrollment(empty)).autoRenewalStartTime).toBeNull()
    })

    it('D2.9-1 force renewal: GET, PUT of the same body with force-renewal, then the waiting loop', async () => {
      const { enrollment } = await liveDv(sdk, tenant, 'forced.tfdv.example')
      const answer = await put(enrollment, await readEnrollment(enrollment), { 'force-renewal': 'true' })
      expect(answer.status).toBe(202)
      // Names that are validated already need nobody: the change may have ended, and no pending change is the provider's end as well (D2.1-3).
      const pending = await pendingOf(enrollment)
      if (pending !== undefined) expect((await sdk.status(pending)).status).toBe(DOMAIN_VALIDATION)
      else expect((await sdk.status(answer.body.changes[0])).status).toBe('complete')
      const history = await sdk.call('GET', `${enrollment}/history/changes`, { accept: 'change-history.v5' })
      expect(history.body.changes[0].action).toBe('renew')
    })

    it('D2-10 what the provider dereferences is never null, and authenticationOptions come whole or not at all', async () => {
      const { enrollment } = await startEnrollment(sdk, tenant, dvBody('null.tfdv.example'))
      const read = await readEnrollment(enrollment)
      for (const member of ['adminContact', 'techContact', 'org', 'csr', 'networkConfiguration'])
        expect(read[member], member).toBeTypeOf('object')
      for (const member of ['adminContact', 'techContact', 'org', 'csr', 'networkConfiguration'])
        expect(read[member], member).not.toBeNull()
      expect(read.networkConfiguration.clientMutualAuthentication).toBeNull()
      expect(read.thirdParty).toBeNull()
    })
  })
}
