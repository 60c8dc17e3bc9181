import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Driven, driveToItsEnd } from '../support/drive.ts'
import { createEnrollment, dvEnrollment, readChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import { servedFingerprint, thirdPartyEnrollment } from '../support/third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

type Body = Omit<ReturnType<typeof dvEnrollment>, 'signatureAlgorithm'>
interface Kind {
  readonly name: string
  readonly body: (cn: string, sans: readonly string[], changeManagement: boolean) => Body
  readonly issues: readonly string[]
}

const overridesOf = (validationType: string) => ({ ra: 'symantec', validationType, certificateType: 'san' })

/** The statuses that only this kind of issuance passes (spec: behaviour C6.1 to C6.3). */
const KINDS: readonly Kind[] = [
  {
    name: 'dv',
    body: (cn, sans, changeManagement) => dvEnrollment(cn, sans, { changeManagement }),
    issues: ['coodinate-domain-validation'],
  },
  {
    name: 'ov',
    body: (cn, sans, changeManagement) => dvEnrollment(cn, sans, { ...overridesOf('ov'), changeManagement }),
    issues: [],
  },
  {
    name: 'ev',
    body: (cn, sans, changeManagement) => dvEnrollment(cn, sans, { ...overridesOf('ev'), changeManagement }),
    issues: [],
  },
  {
    name: 'third-party',
    body: (cn, sans, changeManagement) => thirdPartyEnrollment(cn, sans, { changeManagement }),
    issues: ['wait-upload-third-party'],
  },
]

const CASES = KINDS.flatMap((kind) => [false, true].map((changeManagement) => ({ kind, changeManagement })))

describe('every flow, driven to its end over HTTPS', () => {
  let home: string
  let instance: Instance
  let authority: OutsideAuthority
  beforeAll(async () => {
    home = await makeHome()
    authority = await makeOutsideAuthority()
    instance = await startInstance(home, { CERTRAIL_SANDBOX_VETTING: 'PT0S' })
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await authority.close()
    await removeHome(home)
  })

  const put = async (enrollment: string, body: unknown, query = '') => {
    const response = await instance.client.call('PUT', `${enrollment}${query}`, {
      accept: cps('enrollment-status.v1'),
      contentType: cps('enrollment.v11'),
      body,
    })
    expect([response.status, response.text]).toEqual([202, expect.stringContaining('/changes/')])
    return response.body.changes[0] as string
  }
  const served = (name: string) => servedFingerprint(instance.ready.production, name)
  const expectDone = (driven: Driven, issues: readonly string[], changeManagement: boolean) => {
    expect(driven).toMatchObject({ state: 'completed', status: 'complete' })
    expect(driven.passed).toEqual(expect.arrayContaining([...issues]))
    expect(driven.passed.includes('wait-ack-change-management')).toBe(changeManagement)
  }

  it.each(CASES)('$kind.name, change management $changeManagement', async ({ kind, changeManagement }) => {
    const cn = `www.${kind.name}-${changeManagement ? 'cm' : 'plain'}.example`
    const drive = (change: string) => driveToItsEnd(instance, change, authority)

    const created = await createEnrollment(
      instance.client,
      instance.ready.contract,
      kind.body(cn, [], changeManagement),
    )
    expectDone(await drive(created.change), kind.issues, changeManagement)
    const first = await served(cn)
    expect(first).not.toBeNull()

    const more = kind.body(cn, [`api.${cn}`], changeManagement)
    expectDone(await drive(await put(created.enrollment, more)), kind.issues, changeManagement)
    const second = await served(cn)
    expect(second).not.toBe(first)
    expect(await served(`api.${cn}`)).toBe(second)

    expectDone(await drive(await put(created.enrollment, more, '?force-renewal=true')), [], changeManagement)
    const third = await served(cn)
    expect(third).not.toBe(second)

    const settings = { ...more, networkConfiguration: { ...more.networkConfiguration, quicEnabled: true } }
    const networkOnly = await drive(await put(created.enrollment, settings))
    expectDone(networkOnly, [], changeManagement)
    expect(networkOnly.passed).not.toContain('generate-csr')
    expect(await served(cn)).toBe(third)

    const unchanged = await instance.client.call('PUT', created.enrollment, {
      accept: cps('enrollment-status.v1'),
      contentType: cps('enrollment.v11'),
      body: { ...settings, techContact: { ...settings.techContact, phone: '+1 555 0199' } },
    })
    expect([unchanged.status, unchanged.body.changes]).toEqual([200, []])

    const removed = await instance.client.call('DELETE', created.enrollment, {
      accept: cps('enrollment-status.v1'),
    })
    expect(removed.status).toBe(202)
    expect((await drive(removed.body.changes[0])).state).toMatch(/completed|gone/)
    const gone = await instance.client.call('GET', created.enrollment, { accept: cps('enrollment.v11') })
    expect([gone.status, gone.body.title]).toEqual([404, 'Not Found'])
    expect(await served(cn)).toBeNull()
  })

  it('holds a change until its date, which a new schedule can bring forward', async () => {
    const created = await instance.client.call(
      'POST',
      `/cps/v2/enrollments?contractId=${instance.ready.contract}&deploy-not-before=2099-01-01`,
      {
        accept: cps('enrollment-status.v1'),
        contentType: cps('enrollment.v11'),
        body: dvEnrollment('www.held.example'),
      },
    )
    const [change] = created.body.changes
    await instance.client.call('POST', `${change}/input/update/lets-encrypt-challenges-completed`, {
      accept: cps('change-id.v1'),
      contentType: cps('acknowledgement.v1'),
      body: { acknowledgement: 'acknowledge' },
    })
    expect((await readChange(instance.client, change)).body.statusInfo).toMatchObject({
      state: 'suspended',
      deploymentSchedule: { notBefore: '2099-01-01T00:00:00Z', notAfter: null },
    })
    expect(await served('www.held.example')).toBeNull()
    const rescheduled = await instance.client.call('PUT', `${change}/deployment-schedule`, {
      accept: cps('change-id.v1'),
      contentType: cps('deployment-schedule.v1'),
      body: { notBefore: null, notAfter: null },
    })
    expect(rescheduled.status).toBe(200)
    expect((await driveToItsEnd(instance, change, authority)).state).toBe('completed')
  })

  it('an update that may cancel what is pending keeps the enrollment and goes its own way', async () => {
    const name = 'www.replaced.example'
    const created = await createEnrollment(instance.client, instance.ready.contract, dvEnrollment(name))
    const refused = await instance.client.call('PUT', created.enrollment, {
      accept: cps('enrollment-status.v1'),
      contentType: cps('enrollment.v11'),
      body: dvEnrollment(name),
    })
    expect([refused.status, refused.body.title, refused.body.detail]).toEqual([
      409,
      'Cannot cancel pending change.',
      'There is a pending change on the enrollment.',
    ])
    const change = await put(
      created.enrollment,
      dvEnrollment(name, [`api.${name}`]),
      '?allow-cancel-pending-changes=true',
    )
    expect((await readChange(instance.client, created.change)).body.statusInfo.state).toBe('cancelled')
    expect((await driveToItsEnd(instance, change, authority)).state).toBe('completed')
    expect(await served(`api.${name}`)).not.toBeNull()
  })

  it('a cancelled update leaves production and the enrollment as they were; a cancelled first change takes the enrollment along in time', async () => {
    const name = 'www.cancelled.example'
    const created = await createEnrollment(instance.client, instance.ready.contract, dvEnrollment(name))
    await driveToItsEnd(instance, created.change, authority)
    const before = await served(name)
    const change = await put(created.enrollment, dvEnrollment(name, [`api.${name}`]))
    const cancelled = await instance.client.call('DELETE', change, { accept: cps('change-id.v1') })
    expect([cancelled.status, cancelled.body.change]).toEqual([200, change])
    const enrollment = await instance.client.call('GET', created.enrollment, {
      accept: cps('enrollment.v11'),
    })
    expect(enrollment.body.pendingChanges).toEqual([])
    expect(enrollment.body.csr.sans).not.toContain(`api.${name}`)
    expect(await served(name)).toBe(before)

    const never = await createEnrollment(
      instance.client,
      instance.ready.contract,
      dvEnrollment('www.never.example'),
    )
    expect((await instance.client.call('DELETE', never.change, { accept: cps('change-id.v1') })).status).toBe(
      200,
    )
    const still = await instance.client.call('GET', never.enrollment, { accept: cps('enrollment.v11') })
    expect(still.status).toBe(200)
    const advanced = await instance.client.call('POST', '/certrail/v1/clock/advance', {
      body: { by: 'PT6M' },
    })
    expect(advanced.status).toBe(200)
    const later = await instance.client.call('GET', never.enrollment, { accept: cps('enrollment.v11') })
    expect([later.status, later.body.title]).toEqual([404, 'Not Found'])
  })
})
