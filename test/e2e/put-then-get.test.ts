import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { comparableName } from '../../src/domain/enrollment/served-names.ts'
import { anySettings } from '../support/arbitrary-enrollments.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { thirdPartyEnrollment } from '../support/third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
const RUNS = process.env['CERTRAIL_TEST_LONG'] === '1' ? {} : { numRuns: 12 }

/** One name as people write it: it is compared in one form, and comes back as it was sent. */
const spellings = (name: string) =>
  fc.constantFrom(name, name.toUpperCase(), `${name}.`, name.replace('www', 'WwW'))

const listOf = (zone: string) =>
  fc
    .uniqueArray(fc.constantFrom('www', 'api', 'bücher', '*', 'a-b', 'xn--mnchen-3ya'), { maxLength: 4 })
    .chain((labels) => fc.tuple(...labels.map((label) => spellings(`${label}.${zone}`))))

type Members = Record<string, unknown>

/** Any document of version 12 that the rules take for an enrollment of this kind; members may be missing wherever nothing asks for them. */
const documents = (
  created: ReturnType<typeof dvEnrollment> | ReturnType<typeof thirdPartyEnrollment>,
  zone: string,
) =>
  fc
    .record({
      drawn: anySettings,
      cn: spellings(created.csr.cn),
      sans: listOf(zone),
      chosen: fc.option(listOf(zone)),
      left: fc.subarray([
        'adminContact',
        'techContact',
        'org',
        'certificateChainType',
        'thirdParty',
        'orgId',
      ]),
    })
    .map(({ drawn, cn, sans, chosen, left }): Members => {
      const { validationType, ra, certificateType } = created
      const thirdParty = validationType === 'third-party'
      const document: Members = {
        ...drawn,
        validationType,
        ra,
        certificateType,
        signatureAlgorithm: thirdParty ? null : 'SHA-256',
        enableMultiStackedCertificates: thirdParty && drawn.enableMultiStackedCertificates,
        orgId: null,
        thirdParty: thirdParty ? { excludeSans: drawn.changeManagement } : null,
        csr: { ...drawn.csr, cn, sans },
        networkConfiguration: {
          ...drawn.networkConfiguration,
          secureNetwork: 'enhanced-tls',
          sniOnly: true,
          dnsNameSettings: chosen === null ? null : { cloneDnsNames: false, dnsNames: chosen },
        },
      }
      return Object.fromEntries(Object.entries(document).filter(([member]) => !left.includes(member)))
    })

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

/** Where `sent` says something, `shown` says the same. Lists of names are looked at on their own. */
function expectSame(sent: unknown, shown: unknown, pointer: string): void {
  if (isNothing(sent) || pointer === '/csr/sans') return
  if (typeof sent !== 'object' || Array.isArray(sent)) {
    expect({ [pointer]: shown }).toEqual({ [pointer]: sent })
    return
  }
  for (const [member, value] of Object.entries(sent ?? {}))
    expectSame(value, (shown as Members | null)?.[member], `${pointer}/${member}`)
}

/** CPS API: GET enrollments after PUT, over real HTTP (design: names are compared in canonical form, echoed as sent). */
describe('what is put is what is shown', () => {
  let home: string
  let instance: Instance
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home, { CERTRAIL_SANDBOX_VALIDATION: 'acknowledged' })
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  it.each([
    ['dv', dvEnrollment('www.dv-put.example'), 'dv-put.example'],
    ['third-party', thirdPartyEnrollment('www.tp-put.example'), 'tp-put.example'],
  ] as const)(
    'of every member that the caller owns, %s',
    async (_kind, created, zone) => {
      const { client, ready } = instance
      const { enrollment } = await createEnrollment(client, ready.contract, created)
      await fc.assert(
        fc.asyncProperty(documents(created, zone), async (sent) => {
          const put = await client.call('PUT', `${enrollment}?allow-cancel-pending-changes=true`, {
            accept: cps('enrollment-status.v1'),
            contentType: cps('enrollment.v12'),
            body: sent,
          })
          expect([put.status, put.text]).toEqual([202, expect.anything()])
          const { body: shown } = await client.call('GET', enrollment, { accept: cps('enrollment.v12') })
          expectSame(sent, shown, '')
          const { cn, sans } = sent['csr'] as { cn: string; sans: readonly string[] }
          expect(shown.csr.sans).toEqual(expect.arrayContaining([...sans]))
          const canonical = (names: readonly string[]) => [...new Set(names.map(comparableName))].toSorted()
          expect(canonical(shown.csr.sans)).toEqual(canonical([cn, ...sans]))
        }),
        RUNS,
      )
    },
    120_000,
  )

  const put = (enrollment: string, body: unknown, query = '') =>
    instance.client.call('PUT', `${enrollment}${query}`, {
      accept: cps('enrollment-status.v1'),
      contentType: cps('enrollment.v11'),
      body,
    })

  it('client mutual authentication comes by a PUT straight after the POST, as the Terraform provider sends it', async () => {
    const { client, ready } = instance
    const created = dvEnrollment('www.mutual.example')
    const { enrollment, change } = await createEnrollment(client, ready.contract, created)
    const clientMutualAuthentication = {
      setId: 'set-1',
      authenticationOptions: { sendCaListToClient: true, ocsp: { enabled: false } },
    }
    const networkConfiguration = { ...created.networkConfiguration, clientMutualAuthentication }
    const body = { ...created, networkConfiguration }
    expect((await put(enrollment, body)).status).toBe(409)
    const replaced = await put(enrollment, body, '?allow-cancel-pending-changes=true')
    expect(replaced.status).toBe(202)
    const [next] = replaced.body.changes
    expect(next).not.toBe(change)
    expect((await readChange(client, change)).body.statusInfo.state).toBe('cancelled')
    await acknowledgeChallenges(client, next)
    const { body: ended } = await followChange(client, next, ({ state }) => state !== 'running')
    expect(ended.statusInfo.status).toBe('complete')
    const { body: deployed } = await client.call('GET', `${enrollment}/deployments/production`, {
      accept: cps('deployment.v8'),
    })
    expect(deployed.networkConfiguration).toMatchObject({ clientMutualAuthentication })
    const { body: shown } = await client.call('GET', enrollment, { accept: cps('enrollment.v11') })
    expect(shown.networkConfiguration).toMatchObject({ clientMutualAuthentication })
  })

  it.each([
    ['/validationType', { validationType: 'ov', ra: 'symantec' }],
    ['/csr/cn', { csr: { cn: 'other.fixed.example' } }],
    ['/networkConfiguration/sniOnly', { networkConfiguration: { sniOnly: false, dnsNameSettings: null } }],
    ['/networkConfiguration/secureNetwork', { networkConfiguration: { secureNetwork: 'standard-tls' } }],
  ])('%s is fixed when an enrollment is created', async (field, changed: Members) => {
    const { client, ready } = instance
    const created = dvEnrollment(`www.${field.replaceAll('/', '-').slice(1).toLowerCase()}.fixed.example`)
    const { enrollment } = await createEnrollment(client, ready.contract, created)
    const { csr = {}, networkConfiguration = {}, ...others } = changed
    const refused = await put(
      enrollment,
      {
        ...created,
        ...others,
        csr: { ...created.csr, ...(csr as Members) },
        networkConfiguration: { ...created.networkConfiguration, ...(networkConfiguration as Members) },
      },
      '?allow-cancel-pending-changes=true',
    )
    expect([refused.status, refused.body.errors?.map((error: { field: string }) => error.field)]).toEqual([
      400,
      [field],
    ])
    const { body: shown } = await client.call('GET', enrollment, { accept: cps('enrollment.v11') })
    expect([shown.validationType, shown.csr.cn, shown.pendingChanges.length]).toEqual([
      'dv',
      created.csr.cn,
      1,
    ])
  })
})
