import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { servedFingerprint } from '../../support/third-party.ts'
import { dvBody } from './bodies.ts'
import { createGoSdkClient, type GoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, cps, passPollInterval, type Tenant } from './rig.ts'
import {
  liveDv,
  liveThirdParty,
  reviewed,
  signRequests,
  startEnrollment,
  startThirdParty,
  uploadBy,
} from './steps.ts'

/** What users of CPS clients have complained of, where a server can be the cause. The numbers are ours; docs/compatibility.md has the rest. */
export function complaintsChecklist(rig: () => ClientRig): void {
  describe('Complaints of users', () => {
    let tenant: Tenant
    let sdk: GoSdkClient
    beforeAll(async () => {
      tenant = await rig().tenant('complaints')
      sdk = createGoSdkClient(tenant)
    })
    const read = async (path: string, accept: string) => {
      const answer = await sdk.call('GET', path, { accept })
      expect(answer.status, answer.text).toBe(200)
      return answer.body
    }
    const put = (enrollment: string, body: unknown, query: Record<string, string> = {}) =>
      sdk.call('PUT', enrollment, { query, accept: 'enrollment-status.v1', sent: 'enrollment.v11', body })

    it('C-1 "created" before there is a valid enrollment: the ids of the 202 answer at once, and assignedSlots is filled', async () => {
      const { enrollment, change } = await startEnrollment(sdk, tenant, dvBody('ids.complaints.example'))
      const body = await read(enrollment, 'enrollment.v11')
      expect([body.location, body.pendingChanges[0].location]).toEqual([enrollment, change])
      expect(body.assignedSlots).toHaveLength(1)
    })

    it('C-2 a passing 409 for what allowedInput offers: whatever is offered is accepted in that state', async () => {
      const { change } = await startThirdParty(sdk, tenant, 'offered.complaints.example', {
        changeManagement: true,
      })
      const signed = await signRequests(sdk, rig(), change)
      const bodies: Record<string, [sent: string, body: unknown]> = {
        'third-party-certificate': [
          'certificate-and-trust-chain.v2',
          { certificatesAndTrustChains: reviewed(rig(), signed) },
        ],
        'post-verification-warnings-acknowledgement': [
          'acknowledgement.v1',
          { acknowledgement: 'acknowledge' },
        ],
        'change-management': ['acknowledgement.v1', { acknowledgement: 'acknowledge' }],
      }
      const taken: string[] = []
      for (;;) {
        const [input] = (await sdk.status(change)).inputs
        if (input === undefined) break
        const [sent, body] = bodies[input.type] ?? ['', null]
        const answer = await sdk.call('POST', input.update, { accept: 'change-id.v1', sent, body })
        expect([input.type, answer.status]).toEqual([input.type, 200])
        taken.push(input.type)
        await passPollInterval(tenant.client, change)
      }
      expect(taken).toEqual(Object.keys(bodies))
    })

    it('C-4 a difference in every plan, then a hang: the document that was sent is no new change, whatever it leaves out', async () => {
      const { networkConfiguration, ...body } = dvBody('diff.complaints.example')
      const { geography, quicEnabled, secureNetwork, sniOnly } = networkConfiguration
      const sparse = { ...body, networkConfiguration: { geography, quicEnabled, secureNetwork, sniOnly } }
      const { enrollment } = await liveDv(sdk, tenant, 'diff.complaints.example', sparse)
      expect(await put(enrollment, sparse)).toMatchObject({ status: 200, body: { changes: [] } })
      const shown = await read(enrollment, 'enrollment.v11')
      expect(await put(enrollment, shown)).toMatchObject({ status: 200, body: { changes: [] } })
      expect(await read(enrollment, 'enrollment.v11')).toEqual(shown)
    })

    it('C-5 "unexpected EOF" on the way to the CSR: whole bodies, with their length, on success and refusal', async () => {
      const { enrollment, change } = await startThirdParty(sdk, tenant, 'eof.complaints.example')
      for (const path of [enrollment, change, `${change}/input/info/third-party-csr`, `${change}x`]) {
        const { text, headers } = await tenant.client.call('GET', path)
        expect(Number(headers['content-length']), path).toBe(Buffer.byteLength(text))
        expect(() => JSON.parse(text), path).not.toThrow()
      }
    })

    it('C-6 the CSR goes away after an unrelated change of network settings: history keeps it', async () => {
      const { enrollment } = await liveThirdParty(rig(), sdk, tenant, 'kept.complaints.example')
      const shown = await read(enrollment, 'enrollment.v11')
      const changed = await put(enrollment, {
        ...shown,
        networkConfiguration: { ...shown.networkConfiguration, quicEnabled: true },
      })
      expect(changed.status).toBe(202)
      await passPollInterval(tenant.client, changed.body.changes[0])
      const { changes } = await read(`${enrollment}/history/changes`, 'change-history.v5')
      expect(changes[0].action).toBe('update-network-configuration')
      const withRequest = changes.find(
        (row: { primaryCertificate: { csr?: string | null } | null }) => row.primaryCertificate?.csr,
      )
      expect(withRequest.multiStackedCertificates[0].csr).toContain('CERTIFICATE REQUEST')
    })

    it('C-7 challenges vanish after validation: dv-history keeps them', async () => {
      const { enrollment, change } = await startEnrollment(sdk, tenant, dvBody('gone.complaints.example'))
      const { dv } = await read(`${change}/input/info/lets-encrypt-challenges`, 'dv-challenges.v2')
      await sdk.acknowledge(change, 'lets-encrypt-challenges-completed')
      await passPollInterval(tenant.client, change)
      const { results } = await read(`${enrollment}/dv-history`, 'dv-history.v1')
      const tokens = (challenges: { type: string; token: string; responseBody: string }[]) =>
        challenges.map(({ type, token, responseBody }) => [type, token, responseBody])
      expect(tokens(results[0].domainHistory[0].challenges)).toEqual(tokens(dv[0].challenges))
      expect(results[0].domainHistory[0].validationStatus).toBe('VALIDATED')
    })

    it('C-8 dns_challenges empty on the first apply: when allowedInput names them they are there, for every name', async () => {
      const sans = Array.from({ length: 20 }, (_, index) => `n${index}.complaints.example`)
      const { change } = await startEnrollment(sdk, tenant, dvBody('many.complaints.example', sans))
      for (;;) {
        const { inputs } = await sdk.status(change)
        if (inputs.length === 0) continue
        const { dv } = await read(`${change}/input/info/lets-encrypt-challenges`, 'dv-challenges.v2')
        const dns = dv.flatMap(({ challenges }: { challenges: { type: string; status: string }[] }) =>
          challenges.filter(({ type, status }) => type === 'dns-01' && status === 'pending'),
        )
        expect(dns).toHaveLength(21)
        break
      }
    })

    it('C-9 when is it really on production: a waiting GET ends when a handshake shows the certificate', async () => {
      const name = 'really.complaints.example'
      const { enrollment, change } = await startEnrollment(sdk, tenant, dvBody(name))
      await sdk.acknowledge(change, 'lets-encrypt-challenges-completed')
      let state = ''
      while (state !== 'completed')
        state = (
          await tenant.client.call('GET', change, {
            accept: cps('change.v2'),
            headers: { prefer: 'wait=10' },
          })
        ).body.statusInfo.state
      const deployed = await read(`${enrollment}/deployments/production`, 'deployment.v8')
      expect(await servedFingerprint(rig().instance.ready.production, name)).toBe(
        new X509Certificate(deployed.primaryCertificate.certificate).fingerprint256,
      )
    })

    it('C-10 an enrollment with unacknowledged warnings cannot be deleted: it can, in every state', async () => {
      const removed = async (enrollment: string, change: string) => {
        const answer = await sdk.call('DELETE', enrollment, {
          query: { 'allow-cancel-pending-changes': 'true' },
          accept: 'enrollment-status.v1',
        })
        expect([200, 202], answer.text).toContain(answer.status)
        await passPollInterval(tenant.client, answer.body.changes[0] ?? change)
        expect((await tenant.client.call('GET', enrollment)).status).toBe(404)
      }
      const review = await startThirdParty(sdk, tenant, 'review.complaints.example')
      await uploadBy(sdk, review.change, reviewed(rig(), await signRequests(sdk, rig(), review.change)))
      expect((await sdk.status(review.change)).status).toBe('wait-review-third-party-cert')
      await removed(review.enrollment, review.change)
      const upload = await startThirdParty(sdk, tenant, 'upload.complaints.example')
      await removed(upload.enrollment, upload.change)
      const challenges = await startEnrollment(sdk, tenant, dvBody('open.complaints.example'))
      await removed(challenges.enrollment, challenges.change)
      const managed = await startEnrollment(
        sdk,
        tenant,
        dvBody('managed.complaints.example', [], { changeManagement: true }),
      )
      await sdk.acknowledge(managed.change, 'lets-encrypt-challenges-completed')
      await passPollInterval(tenant.client, managed.change)
      expect((await sdk.status(managed.change)).status).toBe('wait-ack-change-management')
      await removed(managed.enrollment, managed.change)
    })

    it('C-12 the technical contact need not be of the vendor, and a refusal names each bad field', async () => {
      const body = dvBody('contact.complaints.example')
      const refused = await sdk.call('POST', '/cps/v2/enrollments', {
        query: { contractId: tenant.contract },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body: { ...body, techContact: { ...body.techContact, email: 7 }, csr: { cn: 'not a name' } },
      })
      expect(refused.status).toBe(400)
      expect(refused.body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual([
        '/csr/cn',
        '/techContact/email',
      ])
      await startEnrollment(sdk, tenant, {
        ...body,
        techContact: { firstName: 'A', lastName: 'B', email: 'a@own.example', phone: '1' },
      })
    })

    it('C-13 OV and EV from the same resource', async () => {
      for (const validationType of ['ov', 'ev']) {
        const { enrollment } = await startEnrollment(
          sdk,
          tenant,
          dvBody(`${validationType}.complaints.example`, [], { ra: 'symantec', validationType }),
        )
        expect((await read(enrollment, 'enrollment.v11')).validationType).toBe(validationType)
      }
    })

    it('C-16 a third-party wildcard serves the hosts below it, one label deep', async () => {
      const { signed } = await liveThirdParty(rig(), sdk, tenant, '*.wild.complaints.example')
      const { production } = rig().instance.ready
      const { fingerprint256 } = new X509Certificate(signed[0]?.certificate ?? '')
      expect(await servedFingerprint(production, 'a.wild.complaints.example')).toBe(fingerprint256)
      expect(await servedFingerprint(production, 'a.b.wild.complaints.example')).toBeNull()
    })

    it('C-18 only the ECDSA request is wanted: its certificate alone takes the change to the end', async () => {
      const { enrollment, change } = await startThirdParty(sdk, tenant, 'ecdsa.complaints.example')
      const [ecdsa] = await signRequests(sdk, rig(), change)
      expect((await uploadBy(sdk, change, [ecdsa])).status).toBe(200)
      await passPollInterval(tenant.client, change)
      expect((await sdk.status(change)).status).toBe('complete')
      const { primaryCertificate } = await read(`${enrollment}/deployments/production`, 'deployment.v8')
      expect(primaryCertificate.keyAlgorithm).toBe('ECDSA')
    })

    it('C-20 a second certificate with the same common name: 409 without allow-duplicate-cn, 202 with it', async () => {
      await startEnrollment(sdk, tenant, dvBody('same.complaints.example'))
      const again = (query: Record<string, string>) =>
        sdk.call('POST', '/cps/v2/enrollments', {
          query: { contractId: tenant.contract, ...query },
          accept: 'enrollment-status.v1',
          sent: 'enrollment.v11',
          body: dvBody('same.complaints.example'),
        })
      expect((await again({})).status).toBe(409)
      expect((await again({ 'allow-duplicate-cn': 'true' })).status).toBe(202)
    })

    it('C-21 network settings lost on update: what an old version does not know stays as it was', async () => {
      const { enrollment } = await liveDv(sdk, tenant, 'old.complaints.example', {
        networkConfiguration: {
          ...dvBody('x').networkConfiguration,
          dnsNameSettings: { cloneDnsNames: true },
          ocspStapling: 'off',
          quicEnabled: true,
        },
      })
      const before = await read(enrollment, 'enrollment.v11')
      const old = await read(enrollment, 'enrollment.v4')
      const answer = await sdk.call('PUT', enrollment, {
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v4',
        body: { ...old, adminContact: { ...old.adminContact, firstName: 'Old' } },
      })
      expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
      const after = await read(enrollment, 'enrollment.v11')
      expect(after.networkConfiguration).toEqual(before.networkConfiguration)
      expect(after.adminContact.firstName).toBe('Old')
    })
  })
}
