import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cps } from '../support/api-calls.ts'
import {
  acknowledgeChallenges,
  type Created,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import type { TestResponse } from '../support/test-client.ts'

/** What shows it where it takes more than this file has: a test of its own, which names the parameter. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'updateEnrollment allow-missing-certificate-addition': 'test/e2e/third-party.test.ts',
  'updateEnrollment allow-staging-bypass': 'test/contract/settings-past-staging.test.ts',
}

const [BEFORE, AFTER] = ['2099-01-02T03:04:05Z', '2099-02-01T00:00:00Z']

/** CPS API: every query parameter of every operation (spec: api 3), with what it does to a running server. */
describe('query parameters', () => {
  let home: string
  let instance: Instance
  let live: Created
  let parameters: readonly string[]
  const shown = new Set<string>()
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home, { CERTRAIL_SANDBOX_VALIDATION: 'acknowledged' })
    const contract = await call('POST', '/certrail/v1/accounts/A-SANDBOX/contracts', { id: 'C-2' })
    expect(contract.status).toBe(201)
    live = await enroll('live.query.example')
    const { paths } = (await call('GET', '/certrail/v1/openapi.json')).body
    parameters = parametersOf(paths)
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  const call = (method: string, path: string, body?: unknown): Promise<TestResponse> =>
    instance.client.call(method, path, body === undefined ? {} : { body, contentType: 'application/json' })
  const post = (query: string, cn: string) =>
    instance.client.call('POST', `/cps/v2/enrollments?${query}`, {
      accept: cps('enrollment-status.v1'),
      contentType: cps('enrollment.v11'),
      body: dvEnrollment(cn),
    })
  const put = (enrollment: string, query: string, body: unknown) =>
    instance.client.call('PUT', `${enrollment}?${query}`, { contentType: cps('enrollment.v11'), body })
  const changeOf = async ({ body }: TestResponse): Promise<string> => body.changes[0]
  const scheduleOf = async (change: string) => (await call('GET', `${change}/deployment-schedule`)).body

  async function enroll(cn: string): Promise<Created> {
    const made = await createEnrollment(instance.client, instance.ready.contract, dvEnrollment(cn))
    expect((await acknowledgeChallenges(instance.client, made.change)).status).toBe(200)
    await followChange(instance.client, made.change, ({ status }) => status === 'complete')
    return made
  }

  /** Notes which parameters of which operation a test shows. */
  const shows = (operation: string, ...names: readonly string[]): void => {
    for (const name of names) shown.add(`${operation} ${name}`)
  }

  it('contractId owns what is created, with and without its prefix, and filters lists', async () => {
    shows('createEnrollment', 'contractId')
    shows('listEnrollments', 'contractId')
    shows('listActiveCertificates', 'contractId')
    const missing = await post('', 'contract.query.example')
    expect([missing.status, missing.body.errors[0].field]).toEqual([400, 'contractId'])
    expect((await post('contractId=C-NOBODY', 'contract.query.example')).status).toBe(403)
    const made = await post('contractId=ctr_C-2', 'contract.query.example')
    expect(made.status).toBe(202)
    const namesIn = async (path: string) => {
      const { body } = await call('GET', path)
      return body.enrollments.map((one: { csr: { cn: string } }) => one.csr.cn)
    }
    expect(await namesIn('/cps/v2/enrollments?contractId=C-2')).toEqual(['contract.query.example'])
    expect(await namesIn('/cps/v2/enrollments')).toContain('live.query.example')
    const active = '/cps/v2/active-certificates'
    expect(await namesIn(`${active}?contractId=${instance.ready.contract}`)).toContain('live.query.example')
    expect(await namesIn(`${active}?contractId=C-2`)).toEqual([])
  })

  it.each(['allow-duplicate-cn', 'allowDuplicateCN'])(
    '%s lets a second enrollment have the name',
    async (name) => {
      shows('createEnrollment', name)
      const refused = await post(`contractId=${instance.ready.contract}&${name}=false`, 'live.query.example')
      expect([refused.status, refused.body.title]).toEqual([409, 'Duplicate common name'])
      const made = await post(`contractId=${instance.ready.contract}&${name}=true`, 'live.query.example')
      expect(made.status).toBe(202)
      const gone = await call('DELETE', `${made.body.enrollment}?allow-cancel-pending-changes=true`)
      expect([200, 202]).toContain(gone.status)
    },
  )

  it('deploy-not-before and deploy-not-after are the schedule of the change that is started', async () => {
    for (const operation of ['createEnrollment', 'updateEnrollment', 'removeEnrollment'])
      shows(operation, 'deploy-not-before', 'deploy-not-after')
    const query = `deploy-not-before=${BEFORE}&deploy-not-after=2099-02-01`
    const schedule = { notBefore: BEFORE, notAfter: AFTER }
    const { contract } = instance.ready
    const created = await post(`contractId=${contract}&${query}`, 'dated.query.example')
    expect(await scheduleOf(created.body.changes[0])).toEqual(schedule)
    const dated = await enroll('put.query.example')
    const updated = await put(
      dated.enrollment,
      `force-renewal=true&${query}`,
      dvEnrollment('put.query.example'),
    )
    expect(await scheduleOf(updated.body.changes[0])).toEqual(schedule)
    await call('DELETE', updated.body.changes[0])
    const removed = await call('DELETE', `${dated.enrollment}?${query}`)
    expect(removed.status).toBe(202)
    expect(await scheduleOf(removed.body.changes[0])).toEqual(schedule)
  })

  it('allow-cancel-pending-changes ends the change that stands in the way of an update or a removal', async () => {
    shows('updateEnrollment', 'allow-cancel-pending-changes')
    shows('removeEnrollment', 'allow-cancel-pending-changes')
    const { contract } = instance.ready
    const { enrollment, change } = await createEnrollment(
      instance.client,
      contract,
      dvEnrollment('cancel.query.example'),
    )
    const body = dvEnrollment('cancel.query.example', ['more.query.example'])
    expect((await put(enrollment, '', body)).status).toBe(409)
    const updated = await put(enrollment, 'allow-cancel-pending-changes=true', body)
    expect(updated.status).toBe(202)
    expect((await call('GET', change)).body.statusInfo.state).toBe('cancelled')
    expect((await call('DELETE', enrollment)).status).toBe(409)
    expect((await call('DELETE', `${enrollment}?allow-cancel-pending-changes=true`)).status).toBe(200)
  })

  it('force-renewal starts a renewal without a difference', async () => {
    shows('updateEnrollment', 'force-renewal')
    const body = dvEnrollment('live.query.example')
    expect((await put(live.enrollment, '', body)).status).toBe(200)
    const renewed = await put(live.enrollment, 'force-renewal=true', body)
    expect(renewed.status).toBe(202)
    const { body: enrollment } = await instance.client.call('GET', live.enrollment, {
      accept: cps('enrollment.v11'),
    })
    const open = enrollment.pendingChanges.map((one: { changeType: string }) => one.changeType)
    expect([[], ['renewal']]).toContainEqual(open)
    // Its names are still validated: there is nothing to place, and it does not rest for that (spec: behaviour C6.1).
    const done = await followChange(
      instance.client,
      await changeOf(renewed),
      ({ state }) => state !== 'running',
    )
    expect(done.body.statusInfo).toMatchObject({ state: 'completed', status: 'complete' })
  })

  it('renewal-date-check-override lets another certificate begin inside the renewal window, which opens at the second that is shown', async () => {
    shows('updateEnrollment', 'renewal-date-check-override')
    const cn = 'window.query.example'
    const made = await createEnrollment(
      instance.client,
      instance.ready.contract,
      dvEnrollment(cn, [], { changeManagement: true }),
    )
    expect((await acknowledgeChallenges(instance.client, made.change)).status).toBe(200)
    const rest = (change: string) => followChange(instance.client, change, ({ state }) => state !== 'running')
    await rest(made.change)
    const acknowledged = await instance.client.call(
      'POST',
      `${made.change}/input/update/change-management-ack`,
      { contentType: cps('acknowledgement.v1'), body: { acknowledgement: 'acknowledge' } },
    )
    expect(acknowledged.status).toBe(200)
    await followChange(instance.client, made.change, ({ status }) => status === 'complete')
    const read = async () =>
      (await instance.client.call('GET', made.enrollment, { accept: cps('enrollment.v11') })).body
    const before = await read()
    const turned = await call('POST', '/certrail/v1/clock/advance', { to: before.autoRenewalStartTime })
    expect(turned.status).toBe(200)
    // The renewal has begun by the answer, and rests where somebody acknowledges it.
    const { pendingChanges } = await read()
    expect(pendingChanges).toMatchObject([{ changeType: 'renewal' }])
    expect((await call('DELETE', pendingChanges[0].location)).status).toBe(200)

    const another = { ...before, csr: { ...before.csr, sans: [`more.${cn}`] } }
    const refused = await put(made.enrollment, '', another)
    expect([refused.status, refused.body.title]).toEqual([409, 'Inside the renewal window'])
    expect((await read()).pendingChanges).toEqual([])
    const begun = await put(made.enrollment, 'renewal-date-check-override=true', another)
    expect(begun.status).toBe(202)
    expect((await read()).pendingChanges).toMatchObject([{ changeType: 'modify-san' }])
    // Others of this file have their own moments.
    await call('DELETE', await changeOf(begun))
  })

  it('includeAll adds the certificates that are not live any more', async () => {
    shows('getCertificateHistory', 'includeAll')
    const certificates = async (query: string) => {
      const { body } = await call('GET', `${live.enrollment}/history/certificates${query}`)
      return body.certificates.length as number
    }
    expect(await certificates('?includeAll=true')).toBe(2)
    expect(await certificates('')).toBeLessThanOrEqual(2)
  })

  it('depth is taken as the command line of the original sends it', async () => {
    shows('listContractIdentifiers', 'depth')
    const { body } = await call('GET', '/contract-api/v1/contracts/identifiers?depth=TOP')
    expect(body).toEqual([instance.ready.contract, 'C-2'])
  })

  it('are all shown here, or where ELSEWHERE says', () => {
    const unshown = parameters.filter((one) => !shown.has(one) && ELSEWHERE[one] === undefined)
    expect(unshown).toEqual([])
    for (const [one, path] of Object.entries(ELSEWHERE)) {
      expect(parameters).toContain(one)
      const text = readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8')
      expect([path, text.includes(one.split(' ')[1] ?? '')]).toEqual([path, true])
    }
  })
})

/** `operation parameter`, of the CPS API and what belongs to it. Account switching is that of test/e2e/tenant-matrix.test.ts, on every operation. */
// oxlint-disable-next-line no-explicit-any -- the document is looked into by path
function parametersOf(paths: Record<string, Record<string, any>>): readonly string[] {
  const operations = Object.entries(paths)
    .filter(([path]) => /^\/(cps|contract-api)\//.test(path))
    .flatMap(([, methods]) => Object.values(methods))
  return operations.flatMap(({ operationId, parameters = [] }) =>
    parameters
      .filter((one: { in: string; name: string }) => one.in === 'query' && one.name !== 'accountSwitchKey')
      .map(({ name }: { name: string }) => `${operationId} ${name}`),
  )
}
