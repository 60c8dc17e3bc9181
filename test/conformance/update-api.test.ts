import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UpdateEnrollment } from '../../src/app/use-cases.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import {
  bodyOf,
  cps,
  createdBy,
  dvEnrollment,
  ENROLLMENTS,
  expectRefusal,
  fieldsOf,
  sending,
} from '../support/api-calls.ts'
import { type ApiUnderTest, startApi } from '../support/api-under-test.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

let nulls = 1
const CANCEL = '?allow-cancel-pending-changes=true'
type NotedUpdate = Omit<UpdateEnrollment, 'settings'> & { readonly settings: EnrollmentSettings }
const lastInput = (): NotedUpdate => api.fake.records.at(-1)?.input as NotedUpdate

describe('PUT enrollments', () => {
  it('answers 202 with the change and a Location, or 200 without changes', async () => {
    const { e, enrollment } = await createdBy(api, 'put.example.com')
    const put = () =>
      api.call(
        'PUT',
        enrollment + CANCEL,
        sending(dvEnrollment('put.example.com'), { sent: 'enrollment.v11' }),
      )
    const started = await put()
    expect(started.status, started.text).toBe(202)
    expect(started.headers['content-type']).toBe(cps('enrollment-status.v1'))
    expect(started.headers['location']).toBe(enrollment)
    expect(bodyOf(started).changes).toEqual([
      expect.stringMatching(new RegExp(`^${enrollment}/changes/\\d+$`)),
    ])
    api.fake.place(e, { shown: { started: null } })
    const nothing = await put()
    expect(nothing.status).toBe(200)
    expect(nothing.headers['location']).toBeUndefined()
    expect(bodyOf(nothing)).toEqual({ enrollment, changes: [] })
  })

  it('takes what GET gave, in every version, and an old one loses nothing that only newer ones know', async () => {
    const { enrollment } = await createdBy(api, 'round.example.com')
    const full = {
      ...dvEnrollment('round.example.com'),
      csr: { ...dvEnrollment('round.example.com').csr, preferredTrustChain: 'isrg-root-x1' },
      adminContact: { ...dvEnrollment('x').adminContact, city: 'Cambridge', title: 'Captain' },
      networkConfiguration: {
        ...dvEnrollment('round.example.com').networkConfiguration,
        quicEnabled: true,
        ocspStapling: 'not-set',
        disallowedTlsVersions: ['TLSv1', 'TLSv1_1'],
        fipsMode: true,
        clientMutualAuthentication: {
          setId: '7',
          authenticationOptions: { sendCaListToClient: true, ocsp: { enabled: true } },
        },
      },
    }
    await api.call('PUT', enrollment + CANCEL, sending(full, { sent: 'enrollment.v12' }))
    const before = lastInput().settings
    for (let version = 1; version <= 12; version += 1) {
      const shown = await api.call(
        'GET',
        enrollment,
        sending(undefined, { accept: `enrollment.v${version}` }),
      )
      const answer = await api.call(
        'PUT',
        enrollment + CANCEL,
        sending(shown.text, { sent: `enrollment.v${version}` }),
      )
      expect(answer.status, answer.text).toBe(202)
      const { csr, ...rest } = lastInput().settings
      const { csr: kept, ...restKept } = before
      expect({ version, ...rest }).toEqual({ version, ...restKept })
      // A response lists the CN among the SANs.
      expect({ ...csr, sans: [...new Set([csr.cn, ...csr.sans])] }).toEqual({
        ...kept,
        sans: [...new Set([kept.cn, ...kept.sans])],
      })
    }
  })

  it.each([
    [
      'a set of certificates without an id',
      {
        clientMutualAuthentication: {
          setId: null,
          authenticationOptions: { sendCaListToClient: true, ocsp: { enabled: false } },
        },
      },
    ],
    ['no list of names', { dnsNameSettings: { cloneDnsNames: true, dnsNames: null } }],
    ['nothing said of names', { dnsNameSettings: null }],
  ])('keeps nulls that old versions have no word for: %s', async (_, network) => {
    const cn = `null-${nulls++}.example.com`
    const { enrollment } = await createdBy(api, cn)
    const good = dvEnrollment(cn)
    const full = { ...good, networkConfiguration: { ...good.networkConfiguration, ...network } }
    await api.call('PUT', enrollment + CANCEL, sending(full, { sent: 'enrollment.v12' }))
    const before = await api.call('GET', enrollment, sending(undefined, { accept: 'enrollment.v12' }))
    for (let version = 12; version >= 1; version -= 1) {
      const shown = await api.call(
        'GET',
        enrollment,
        sending(undefined, { accept: `enrollment.v${version}` }),
      )
      const answer = await api.call(
        'PUT',
        enrollment + CANCEL,
        sending(shown.text, { sent: `enrollment.v${version}` }),
      )
      expect(answer.status, answer.text).toBe(202)
      const after = await api.call('GET', enrollment, sending(undefined, { accept: 'enrollment.v12' }))
      expect([version, bodyOf(after)]).toEqual([version, bodyOf(before)])
    }
  })

  it('hands every query parameter on, and none is true by itself', async () => {
    const { enrollment } = await createdBy(api, 'query.example.com')
    const body = sending(dvEnrollment('query.example.com'), { sent: 'enrollment.v11' })
    const flags = [
      'allowCancelPendingChanges',
      'allowStagingBypass',
      'forceRenewal',
      'renewalDateCheckOverride',
      'allowMissingCertificateAddition',
    ] as const
    const names = [
      'allow-cancel-pending-changes',
      'allow-staging-bypass',
      'force-renewal',
      'renewal-date-check-override',
      'allow-missing-certificate-addition',
    ]
    const all = names.map((name, index) => `${name}=${index % 2 === 0 ? 'true' : 'True'}`).join('&')
    const dates = 'deploy-not-before=2027-01-02&deploy-not-after=2027-01-31T00%3A00%3A00.000Z'
    await api.call('PUT', `${enrollment}?${all}&${dates}&something=else`, body)
    expect(flags.map((flag) => lastInput()[flag])).toEqual([true, true, true, true, true])
    expect(lastInput().schedule).toEqual({ notBefore: Date.UTC(2027, 0, 2), notAfter: Date.UTC(2027, 0, 31) })
    await api.call('PUT', `${enrollment}${CANCEL}&force-renewal=false&allow-staging-bypass=`, body)
    expect(flags.map((flag) => lastInput()[flag])).toEqual([true, false, false, false, false])
    expect(lastInput().schedule).toEqual({ notBefore: null, notAfter: null })
  })

  it('names every bad parameter and every bad member, and changes nothing', async () => {
    const { enrollment } = await createdBy(api, 'bad-put.example.com')
    const before = api.fake.records.length
    const good = dvEnrollment('bad-put.example.com')
    const query = '?force-renewal=yes&allow-staging-bypass=1&deploy-not-before=2021-02-31&deploy-not-after=x'
    const badQuery = await api.call('PUT', enrollment + query, sending(good, { sent: 'enrollment.v11' }))
    expectRefusal(badQuery, 400, 'Validation Error')
    expect(fieldsOf(badQuery)).toEqual([
      'allow-staging-bypass',
      'deploy-not-after',
      'deploy-not-before',
      'force-renewal',
    ])
    const turned = '?deploy-not-before=2027-01-02&deploy-not-after=2027-01-01'
    expect(
      fieldsOf(await api.call('PUT', enrollment + turned, sending(good, { sent: 'enrollment.v11' }))),
    ).toEqual(['deploy-not-after'])
    const body = {
      ...good,
      changeManagement: 'yes',
      csr: { ...good.csr, cn: 'another.example.com', c: 'USA' },
      networkConfiguration: { ...good.networkConfiguration, sniOnly: false, dnsNameSettings: null },
    }
    const badBody = await api.call('PUT', enrollment + CANCEL, sending(body, { sent: 'enrollment.v11' }))
    expect(fieldsOf(badBody)).toEqual([
      '/changeManagement',
      '/csr/c',
      '/csr/cn',
      '/networkConfiguration/sniOnly',
    ])
    const both = await api.call('PUT', enrollment + query, sending(body, { sent: 'enrollment.v11' }))
    expect(fieldsOf(both)).toEqual([...fieldsOf(badBody), ...fieldsOf(badQuery)])
    const typed = { headers: { 'content-type': 'text/plain' }, body: JSON.stringify(body) }
    expectRefusal(await api.call('PUT', enrollment + query, typed), 415, 'Unsupported Media Type')
    const stranger = { ...sending(body, { sent: 'enrollment.v11' }), client: 'ct-two' }
    expectRefusal(await api.call('PUT', enrollment + query, stranger), 404, 'Not Found')
    expect(api.fake.records.length).toBe(before)
  })

  it('refuses in order: account, Accept, Content-Type, body, state', async () => {
    const { enrollment } = await createdBy(api, 'order.example.com')
    const nonsense = { accept: cps('change.v1'), 'content-type': 'text/plain' }
    const put = (client: string, headers: Record<string, string>, body = '{') =>
      api.call('PUT', enrollment, { client, headers, body })
    expectRefusal(await put('ct-two', nonsense), 404, 'Not Found')
    expectRefusal(await put('ct-reader', nonsense), 403, 'Forbidden')
    expectRefusal(await put('ct-one', nonsense), 406, 'Not Acceptable')
    expectRefusal(await put('ct-one', { 'content-type': 'text/plain' }), 415, 'Unsupported Media Type')
    expectRefusal(await put('ct-one', {}), 400, 'Malformed JSON')
    expectRefusal(await put('ct-one', {}, JSON.stringify({ ra: 'x' })), 400, 'Validation Error')
    const good = JSON.stringify(dvEnrollment('order.example.com'))
    expectRefusal(await put('ct-one', {}, good), 409, 'Cannot cancel pending change.')
  })
})

describe('DELETE enrollments', () => {
  it('answers 202 with the change, or 200 when it is gone at once, and then 404 Not Found', async () => {
    const { e, enrollment } = await createdBy(api, 'gone.example.com')
    const remove = (query = '', headers = {}) =>
      api.call('DELETE', enrollment + query, { headers: { 'content-type': 'application/json', ...headers } })
    expectRefusal(await remove('', { accept: cps('change-id.v1') }), 406, 'Not Acceptable')
    expect(fieldsOf(await remove('?allow-cancel-pending-changes=maybe&deploy-not-after=never'))).toEqual([
      'allow-cancel-pending-changes',
      'deploy-not-after',
    ])
    expectRefusal(await remove(), 409, 'Cannot cancel pending change.')
    const started = await remove(`${CANCEL}&deploy-not-before=2027-01-02`)
    expect(started.status, started.text).toBe(202)
    expect(bodyOf(started)).toEqual({
      enrollment,
      changes: [expect.stringMatching(new RegExp(`^${enrollment}/changes/\\d+$`))],
    })
    expect(api.fake.records.at(-1)?.input).toEqual({
      schedule: { notBefore: Date.UTC(2027, 0, 2), notAfter: null },
      allowCancelPendingChanges: true,
    })
    api.fake.place(e, { shown: { started: null } })
    const done = await remove(CANCEL)
    expect([done.status, bodyOf(done)]).toEqual([200, { enrollment, changes: [] }])
    expectRefusal(await api.call('GET', enrollment), 404, 'Not Found')
    expectRefusal(await remove(CANCEL), 404, 'Not Found')
  })

  it('is not for another account or for readers', async () => {
    const { enrollment } = await createdBy(api, 'kept.example.com')
    const bad = { headers: { accept: cps('change-id.v1') } }
    expectRefusal(
      await api.call('DELETE', enrollment + CANCEL, { client: 'ct-two', ...bad }),
      404,
      'Not Found',
    )
    expectRefusal(await api.call('DELETE', enrollment + CANCEL, { client: 'ct-reader' }), 403, 'Forbidden')
    expect((await api.call('GET', enrollment)).status).toBe(200)
  })
})

describe('the list of enrollments', () => {
  it('is also there as locations', async () => {
    const { enrollment } = await createdBy(api, 'located.example.com')
    const answer = await api.call(
      'GET',
      ENROLLMENTS,
      sending(undefined, { accept: 'enrollment-locations.v1' }),
    )
    expect(answer.headers['content-type']).toBe(cps('enrollment-locations.v1'))
    expect(bodyOf(answer).enrollments).toContain(enrollment)
  })
})
