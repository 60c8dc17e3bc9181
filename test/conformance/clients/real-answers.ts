import { beforeAll, describe, expect, it } from 'vitest'
import { REGISTRY } from '../../../src/wire/registry.ts'
import { isKnownDeviation } from '../../support/published-deviations.ts'
import {
  arePublishedSchemasHere,
  isPublished,
  publishedExamples,
  publishedFaults,
  publishedVersions,
} from '../../support/published-schemas.ts'
import { dvBody } from './bodies.ts'
import { createGoSdkClient } from './go-sdk-client.ts'
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

/** Bodies that are only ever sent. */
const REQUESTS = ['acknowledgement', 'acknowledgement-with-hash', 'certificate-and-trust-chain']

/** Every answer that any client met, and every version of every resource in the states in which it can be had, held against the published schema of its version. */
export function realAnswersChecklist(rig: () => ClientRig): void {
  describe.skipIf(!arePublishedSchemasHere())(
    'Answers of a real instance (../shared/reference/cps-v2 where present)',
    () => {
      let tenant: Tenant
      beforeAll(async () => {
        tenant = await rig().tenant('answers')
      })

      /** GET in every version that is spoken. */
      const readAll = async (resource: string, path: string) => {
        for (const { version } of REGISTRY.filter((row) => row.resource === resource)) {
          const accept = cps(`${resource}.v${version}`)
          const { status } = await tenant.client.call('GET', path, { accept })
          expect([accept, status]).toEqual([accept, 200])
        }
      }

      it('can be had in every version, in every state', async () => {
        const sdk = createGoSdkClient(tenant)
        const live = await liveDv(sdk, tenant, 'live.answers.example')
        const dual = await liveThirdParty(rig(), sdk, tenant, 'dual.answers.example')
        const waiting = await startEnrollment(
          sdk,
          tenant,
          dvBody('dv.answers.example', ['*.dv.answers.example']),
        )
        const upload = await startThirdParty(sdk, tenant, 'upload.answers.example')
        const review = await startThirdParty(sdk, tenant, 'review.answers.example')
        await uploadBy(sdk, review.change, reviewed(rig(), await signRequests(sdk, rig(), review.change)))
        const managed = await startThirdParty(sdk, tenant, 'cm.answers.example', { changeManagement: true })
        await uploadBy(sdk, managed.change, await signRequests(sdk, rig(), managed.change))
        await passPollInterval(tenant.client, managed.change)

        await readAll('enrollments', '/cps/v2/enrollments')
        await readAll('enrollment-locations', '/cps/v2/enrollments')
        for (const { enrollment, change } of [live, dual, waiting, upload, review, managed]) {
          await readAll('enrollment', enrollment)
          await readAll('change', change)
          await readAll('deployments', `${enrollment}/deployments`)
          await readAll('dv-history', `${enrollment}/dv-history`)
          await readAll('certificate-history', `${enrollment}/history/certificates`)
          await readAll('change-history', `${enrollment}/history/changes`)
        }
        for (const { enrollment } of [live, dual])
          for (const network of ['production', 'staging'])
            await readAll('deployment', `${enrollment}/deployments/${network}`)
        await readAll('deployment-schedule', `${waiting.change}/deployment-schedule`)
        await readAll('dv-challenges', `${waiting.change}/input/info/lets-encrypt-challenges`)
        await readAll('csr', `${upload.change}/input/info/third-party-csr`)
        await readAll('warnings', `${review.change}/input/info/post-verification-warnings`)
        await readAll('change-management-info', `${managed.change}/input/info/change-management-info`)
      })

      it('have nothing against them in the published schemas but the known deviations', () => {
        const faults = new Set<string>()
        for (const { asked, entity, body } of rig().met) {
          const [, resource = '', version = ''] = /^(.+)\.v(\d+)$/.exec(entity) ?? []
          if (!isPublished(resource, Number(version))) continue
          for (const fault of publishedFaults(resource, Number(version), body))
            if (!isKnownDeviation(`${entity} ${fault}`)) faults.add(`${entity} ${fault} (${asked})`)
        }
        expect([...faults]).toEqual([])
      })

      it.each(['create-enrollment', 'enrollment'].flatMap((kind) => publishedExamples(kind)))(
        'have their counterpart in requests: $name is taken as a new enrollment',
        async ({ version, body }) => {
          const answer = await tenant.client.call(
            'POST',
            `/cps/v2/enrollments?contractId=${tenant.contract}&allow-duplicate-cn=true`,
            {
              accept: cps('enrollment-status.v1'),
              contentType: cps(`enrollment.v${version}`),
              // Organizations are the account's own: the id of the example is nobody's here.
              body: { ...(body as object), orgId: null },
            },
          )
          expect(answer.status, answer.text).toBe(202)
        },
      )

      it.each(REQUESTS.concat('deployment-schedule').flatMap((kind) => publishedExamples(kind)))(
        'have their counterpart in requests: $name can be read',
        ({ name, version, body }) => {
          const row = REGISTRY.find((one) => one.version === version && name.startsWith(`${one.resource}.`))
          expect(row?.schema?.safeParse(body).success).toBe(true)
        },
      )

      it('were met in every version that has a published schema', () => {
        const met = new Set(rig().met.map(({ entity }) => entity))
        const missing = publishedVersions()
          .filter(({ resource }) => !REQUESTS.includes(resource))
          .map(({ resource, version }) => `${resource}.v${version}`)
          .filter((entity) => !met.has(entity))
        expect(missing).toEqual([])
      })
    },
  )
}
