import { beforeAll, describe, expect, it } from 'vitest'
import { dvBody } from './bodies.ts'
import { createGoSdkClient, type GoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, passPollInterval, type Tenant } from './rig.ts'
import { liveThirdParty, reviewed, signRequests, type Signed, startThirdParty, uploadBy } from './steps.ts'

/** The checklist D2.6 and D2.7 of spec: clients. */
export function terraformThirdPartyChecklist(rig: () => ClientRig): void {
  describe('Terraform provider, third-party resources', () => {
    let tenant: Tenant
    let sdk: GoSdkClient
    beforeAll(async () => {
      tenant = await rig().tenant('tf3p')
      sdk = createGoSdkClient(tenant)
    })
    const readEnrollment = async (enrollment: string) =>
      (await sdk.call('GET', enrollment, { accept: 'enrollment.v11' })).body
    const history = async (enrollment: string) =>
      (await sdk.call('GET', `${enrollment}/history/changes`, { accept: 'change-history.v5' })).body.changes

    describe('enrollment, upload with review, change management', () => {
      let enrollment: string
      let change: string
      let signed: readonly Signed[]

      it('D2.6-1 POST: 202, dual-stacked; the first GET shows wait-upload-third-party with its input (D2.6-2)', async () => {
        ;({ enrollment, change } = await startThirdParty(sdk, tenant, 'www.tf3p.example', {
          changeManagement: true,
        }))
        const read = await readEnrollment(enrollment)
        expect(read).toMatchObject({
          enableMultiStackedCertificates: true,
          thirdParty: { excludeSans: false },
        })
        expect(read.pendingChanges[0].location).toBe(change)
        const look = await sdk.status(change)
        expect(look).toMatchObject({ status: 'wait-upload-third-party', errorText: '' })
        expect(look.inputs[0]?.type).toBe('third-party-certificate')
      })

      it('D2.6-3 CSR data source while the change waits: csr.v2 with one request for each algorithm', async () => {
        signed = await signRequests(sdk, rig(), change)
        expect(signed.map(({ keyAlgorithm }) => keyAlgorithm)).toEqual(['ECDSA', 'RSA'])
      })

      it('D2.7-1 Upload: GET enrollment gives the change; the POST with ECDSA first is a 200 (D2.7-2)', async () => {
        expect((await readEnrollment(enrollment)).pendingChanges[0].location).toBe(change)
        signed = reviewed(rig(), signed)
        expect((await uploadBy(sdk, change, signed)).status).toBe(200)
      })

      it('D2.7-3 the first GET after the upload no longer shows wait-upload-third-party', async () => {
        expect((await sdk.status(change)).status).not.toBe('wait-upload-third-party')
        await passPollInterval(tenant.client, change)
        expect((await sdk.status(change)).status).toBe('wait-review-third-party-cert')
      })

      it('D2.7-4 the review has a text; after the acknowledgement the status is another one at once', async () => {
        const { body } = await sdk.call('GET', `${change}/input/info/post-verification-warnings`, {
          accept: 'warnings.v1',
        })
        expect(body.warnings).toMatch(/\S/)
        const csr = await sdk.call('GET', `${change}/input/info/third-party-csr`, { accept: 'csr.v2' })
        expect(csr.body.csrs).toHaveLength(2)
        expect((await sdk.acknowledge(change, 'post-verification-warnings-ack')).status).toBe(200)
        expect((await sdk.status(change)).status).not.toBe('wait-review-third-party-cert')
      })

      it('D2.7-5 the change stops at wait-ack-change-management; an acknowledgement without hash is a 200', async () => {
        await passPollInterval(tenant.client, change)
        const look = await sdk.status(change)
        expect(look.status).toBe('wait-ack-change-management')
        expect(look.inputs[0]?.type).toBe('change-management')
        expect((await sdk.acknowledge(change, 'change-management-ack')).status).toBe(200)
        expect((await sdk.status(change)).status).not.toBe('wait-ack-change-management')
      })

      it('D2.7-6 Read with wait_for_deployment: complete, readable after the enrollment has no pending change', async () => {
        await passPollInterval(tenant.client, change)
        expect((await readEnrollment(enrollment)).pendingChanges).toEqual([])
        expect((await sdk.status(change)).status).toBe('complete')
      })

      it('D2.7-7 change history v5, newest first: the PEM texts as they were uploaded, by keyAlgorithm', async () => {
        const newest = (await history(enrollment)).find(
          (row: { primaryCertificate: { certificate: string | null } | null }) =>
            row.primaryCertificate?.certificate,
        )
        const found = [newest.primaryCertificate, ...newest.multiStackedCertificates]
        for (const { keyAlgorithm, certificate, trustChain } of signed)
          expect(found).toContainEqual(expect.objectContaining({ keyAlgorithm, certificate, trustChain }))
        expect(newest.primaryCertificate.keyAlgorithm).toBe('ECDSA')
        expect(newest.multiStackedCertificates[0].keyAlgorithm).toBe('RSA')
      })
    })

    it('D2.6-4 CSR data source when nothing is pending: the newest history entry with requests, by keyAlgorithm', async () => {
      const { enrollment } = await liveThirdParty(rig(), sdk, tenant, 'csr.tf3p.example')
      const [newest] = (await history(enrollment)).filter(
        (row: { primaryCertificate: { csr?: string } | null }) => row.primaryCertificate?.csr,
      )
      expect(newest.primaryCertificate).toMatchObject({
        keyAlgorithm: 'ECDSA',
        csr: expect.stringContaining('CERTIFICATE REQUEST'),
      })
      expect(newest.multiStackedCertificates[0]).toMatchObject({
        keyAlgorithm: 'RSA',
        csr: expect.stringContaining('CERTIFICATE REQUEST'),
      })
    })

    it('D2.7-8 Upload again: taken in wait-review-third-party-cert, and without a trust chain', async () => {
      const { change } = await startThirdParty(sdk, tenant, 'second.tf3p.example')
      const signed = await signRequests(sdk, rig(), change)
      await uploadBy(sdk, change, reviewed(rig(), signed))
      expect((await sdk.status(change)).status).toBe('wait-review-third-party-cert')
      expect((await uploadBy(sdk, change, signed)).status).toBe(200)
      expect((await sdk.status(change)).status).not.toBe('wait-upload-third-party')
      await passPollInterval(tenant.client, change)
      expect((await sdk.status(change)).status).toBe('complete')

      const bare = await startThirdParty(sdk, tenant, 'chainless.tf3p.example')
      const chainless = (await signRequests(sdk, rig(), bare.change)).map(({ trustChain: _, ...one }) => one)
      expect((await uploadBy(sdk, bare.change, chainless)).status).toBe(200)
      expect((await sdk.status(bare.change)).status).not.toBe('wait-upload-third-party')
    })

    it('D2.5-2 Import of third-party: validationType third-party; contacts and network read as sent', async () => {
      const { enrollment } = await startThirdParty(sdk, tenant, 'import.tf3p.example')
      const read = await readEnrollment(enrollment)
      expect(read.validationType).toBe('third-party')
      const { adminContact, techContact, networkConfiguration, org } = dvBody('import.tf3p.example')
      expect(read).toMatchObject({ adminContact, techContact, networkConfiguration, org })
    })

    it('D2.8-3 deployments of a dual stack: ECDSA is primary, RSA is multiStackedCertificates[0]', async () => {
      const { enrollment, signed } = await liveThirdParty(rig(), sdk, tenant, 'stack.tf3p.example')
      const { body } = await sdk.call('GET', `${enrollment}/deployments`, { accept: 'deployments.v8' })
      for (const network of [body.production, body.staging]) {
        expect(network.primaryCertificate).toMatchObject({
          keyAlgorithm: 'ECDSA',
          certificate: signed[0]?.certificate,
        })
        expect(network.multiStackedCertificates).toMatchObject([
          { keyAlgorithm: 'RSA', certificate: signed[1]?.certificate },
        ])
      }
    })

    it('D2.9-2 force renewal of third-party: the change waits for an upload with new requests at the first look', async () => {
      const { enrollment, signed } = await liveThirdParty(rig(), sdk, tenant, 'renew.tf3p.example')
      const answer = await sdk.call('PUT', enrollment, {
        query: { 'allow-cancel-pending-changes': 'true', 'force-renewal': 'true' },
        accept: 'enrollment-status.v1',
        sent: 'enrollment.v11',
        body: await readEnrollment(enrollment),
      })
      expect(answer.status).toBe(202)
      expect((await sdk.status(answer.body.changes[0])).status).toBe('wait-upload-third-party')
      const renewed = await signRequests(sdk, rig(), answer.body.changes[0])
      expect(renewed.map(({ certificate }) => certificate)).not.toEqual(
        signed.map(({ certificate }) => certificate),
      )
    })
  })
}
