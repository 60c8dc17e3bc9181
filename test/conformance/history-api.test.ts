import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, cps, createdBy, type Created, expectRefusal, sending } from '../support/api-calls.ts'
import { type ApiUnderTest, startApi } from '../support/api-under-test.ts'
import { CERTIFICATE_HISTORY, CHANGE_HISTORY, DV_HISTORY, pemOf } from '../support/sample-lifecycle.ts'
import { DEPLOYMENT } from '../support/sample-views.ts'

let api: ApiUnderTest
let made: Created
beforeAll(async () => {
  api = await startApi()
  made = await createdBy(api, 'history.example.com')
})
afterAll(() => api.close())

const get = (path: string, accept?: string, client = 'ct-one') =>
  api.call('GET', path, { client, ...sending(undefined, accept === undefined ? {} : { accept }) })

describe('histories', () => {
  it('are empty lists before anything has happened', async () => {
    expect(bodyOf(await get(`${made.enrollment}/dv-history`))).toEqual({ results: [] })
    expect(bodyOf(await get(`${made.enrollment}/history/certificates`))).toEqual({ certificates: [] })
    expect(bodyOf(await get(`${made.enrollment}/history/changes`))).toEqual({ changes: [] })
  })

  it('come in every version, for readers too, and not for another account', async () => {
    api.fake.place(made.e, {
      shown: {
        dvHistory: DV_HISTORY,
        certificateHistory: CERTIFICATE_HISTORY,
        changeHistory: CHANGE_HISTORY,
      },
    })
    const paths = [
      ['dv-history', 'dv-history', [1]],
      ['history/certificates', 'certificate-history', [1, 2]],
      ['history/changes', 'change-history', [1, 2, 3, 4, 5]],
    ] as const
    for (const [tail, entity, versions] of paths) {
      const path = `${made.enrollment}/${tail}`
      for (const version of versions) {
        const answer = await get(path, `${entity}.v${version}`, 'ct-reader')
        expect([answer.status, answer.headers['content-type']]).toEqual([200, cps(`${entity}.v${version}`)])
      }
      expect((await get(path)).headers['content-type']).toBe(cps(`${entity}.v${versions.at(-1)}`))
      expectRefusal(await get(path, 'enrollment.v11'), 406, 'Not Acceptable')
      expectRefusal(await get(path, 'enrollment.v11', 'ct-two'), 404, 'Not Found')
      expectRefusal(await api.call('DELETE', path), 405, 'Method Not Allowed')
    }
  })

  it('give all certificates when all are asked for, and PEM to the letter', async () => {
    const path = `${made.enrollment}/history/certificates`
    expect(bodyOf(await get(path)).certificates).toHaveLength(1)
    expect(bodyOf(await get(`${path}?includeAll=false`)).certificates).toHaveLength(1)
    const all = bodyOf(await get(`${path}?includeAll=true`)).certificates
    expect(all).toHaveLength(2)
    expect(all[0].primaryCertificate.certificate).toBe(pemOf('ECDSA'))
  })
})

describe('active certificates', () => {
  it('are the enrollments that a network serves, with what it serves', async () => {
    const path = '/cps/v2/active-certificates'
    expect(bodyOf(await get(path))).toEqual({ enrollments: [] })
    api.fake.place(made.e, { deployments: { staging: null, production: DEPLOYMENT } })
    const answer = await get(path, 'active-certificates.v2')
    expect(answer.headers['content-type']).toBe(cps('active-certificates.v2'))
    expect(bodyOf(answer).enrollments).toMatchObject([
      {
        id: made.e,
        csr: { cn: 'history.example.com' },
        productionSlots: [],
        stagingSlots: [],
        staging: null,
        production: {
          primaryCertificate: { keyAlgorithm: 'ECDSA', expiry: '2026-01-02T03:04:05Z' },
          multiStackedCertificates: [{ keyAlgorithm: 'RSA' }],
        },
      },
    ])
    expect(bodyOf(await get(`${path}?contractId=ctr_C-1`)).enrollments).toHaveLength(1)
    expect(bodyOf(await get(`${path}?contractId=C-2`)).enrollments).toEqual([])
    expect(bodyOf(await get(path, undefined, 'ct-two')).enrollments).toEqual([])
    expectRefusal(await get(path, 'active-certificates.v1'), 406, 'Not Acceptable')
  })
})

describe('the OpenAPI document', () => {
  it('has every operation of spec: api 2, with the media types that it answers and takes', async () => {
    const { paths } = bodyOf(await api.call('GET', '/certrail/v1/openapi.json'))
    const E = '/cps/v2/enrollments/{enrollmentId}'
    const C = `${E}/changes/{changeId}`
    const answers: readonly (readonly [string, string, string])[] = [
      ['/cps/v2/enrollments', 'post', 'enrollment-status.v1'],
      ['/cps/v2/enrollments', 'get', 'enrollments.v4'],
      [E, 'get', 'enrollment.v1'],
      [E, 'put', 'enrollment-status.v1'],
      [E, 'delete', 'enrollment-status.v1'],
      [C, 'get', 'change.v2'],
      [C, 'delete', 'change-id.v1'],
      [`${C}/deployment-schedule`, 'get', 'deployment-schedule.v1'],
      [`${C}/deployment-schedule`, 'put', 'change-id.v1'],
      [`${C}/input/info/lets-encrypt-challenges`, 'get', 'dv-challenges.v2'],
      [`${C}/input/info/pre-verification-warnings`, 'get', 'warnings.v1'],
      [`${C}/input/info/post-verification-warnings`, 'get', 'warnings.v1'],
      [`${C}/input/info/third-party-csr`, 'get', 'csr.v1'],
      [`${C}/input/info/change-management-info`, 'get', 'change-management-info.v3'],
      [`${C}/input/info/change-management-info`, 'get', 'deployment.v8'],
      [`${C}/input/update/lets-encrypt-challenges-completed`, 'post', 'change-id.v1'],
      [`${C}/input/update/pre-verification-warnings-ack`, 'post', 'change-id.v1'],
      [`${C}/input/update/post-verification-warnings-ack`, 'post', 'change-id.v1'],
      [`${C}/input/update/change-management-ack`, 'post', 'change-id.v1'],
      [`${C}/input/update/third-party-cert-and-trust-chain`, 'post', 'change-id.v1'],
      [`${E}/deployments`, 'get', 'deployments.v7'],
      [`${E}/deployments/production`, 'get', 'deployment.v3'],
      [`${E}/deployments/staging`, 'get', 'deployment.v8'],
      [`${E}/dv-history`, 'get', 'dv-history.v1'],
      [`${E}/history/certificates`, 'get', 'certificate-history.v1'],
      [`${E}/history/changes`, 'get', 'change-history.v3'],
      ['/cps/v2/active-certificates', 'get', 'active-certificates.v2'],
    ]
    for (const [path, method, entity] of answers) {
      const { responses } = paths[path][method]
      const [success] = Object.keys(responses)
      expect(Object.keys(responses[success as string].content), `${method} ${path}`).toContain(cps(entity))
    }
    expect(Object.keys(paths[E].put.responses)).toEqual([
      '200',
      '202',
      '400',
      '401',
      '403',
      '404',
      '406',
      '408',
      '409',
      '413',
      '415',
      '429',
      '431',
      '500',
      '503',
    ])
    const takes = (path: string, method: string) => Object.keys(paths[path][method].requestBody.content)
    expect(takes(E, 'put')).toHaveLength(12)
    expect(takes(`${C}/deployment-schedule`, 'put')).toEqual([cps('deployment-schedule.v1')])
    expect(takes(`${C}/input/update/change-management-ack`, 'post')).toEqual([
      cps('acknowledgement.v1'),
      cps('acknowledgement-with-hash.v1'),
    ])
    expect(takes(`${C}/input/update/third-party-cert-and-trust-chain`, 'post')).toEqual([
      cps('certificate-and-trust-chain.v2'),
      cps('certificate-and-trust-chain.v1'),
    ])
    expect(Object.keys(paths['/certrail/v1/audit'].get.responses['200'].content)).toEqual([
      'application/json',
      'application/x-ndjson',
    ])
  })
})
