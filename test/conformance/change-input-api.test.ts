import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors/problem.ts'
import { bodyOf, cps, createdBy, expectRefusal, fieldsOf, sending } from '../support/api-calls.ts'
import { type ApiUnderTest, startApi } from '../support/api-under-test.ts'
import type { Shown } from '../support/fake-lifecycle.ts'
import { FINDINGS, MANAGEMENT, pemOf, SIGNING_REQUESTS } from '../support/sample-lifecycle.ts'
import { DEPLOYMENT } from '../support/sample-views.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const UPLOAD = 'third-party-cert-and-trust-chain'
const get = (path: string, accept?: string) =>
  api.call('GET', path, sending(undefined, accept === undefined ? {} : { accept }))
const post = (path: string, body: unknown, sent: string) =>
  api.call('POST', path, sending(body, { sent, accept: 'change-id.v1' }))
const last = () => api.fake.records.at(-1)

let names = 0
async function showing(shown: Shown) {
  names += 1
  const made = await createdBy(api, `input-${names}.example.com`)
  api.fake.place(made.e, { shown })
  return {
    ...made,
    info: (type: string) => `${made.change}/input/info/${type}`,
    update: (type: string) => `${made.change}/input/update/${type}`,
  }
}

describe('cancelling a change', () => {
  it('answers 200 with the change, and 409 or whatever the use case refuses', async () => {
    const { change } = await showing({})
    expectRefusal(
      await api.call('DELETE', change, { headers: { accept: cps('change.v2') } }),
      406,
      'Not Acceptable',
    )
    const answer = await api.call(
      'DELETE',
      change,
      sending(undefined, { sent: 'change.v2', accept: 'change-id.v1' }),
    )
    expect([answer.status, bodyOf(answer)]).toEqual([200, { change }])
    expect(answer.headers['content-type']).toBe(cps('change-id.v1'))
    expectRefusal(await api.call('DELETE', change), 409, 'Cannot cancel the change')
    expectRefusal(await api.call('DELETE', change, { client: 'ct-two' }), 404, 'Not Found')
    expectRefusal(await api.call('DELETE', change, { client: 'ct-reader' }), 403, 'Forbidden')
  })
})

describe('the deployment schedule', () => {
  it('is read and set, a missing date being none', async () => {
    const { change } = await showing({})
    const path = `${change}/deployment-schedule`
    const put = (body: unknown, types = {}) =>
      api.call('PUT', path, sending(body, { sent: 'deployment-schedule.v1', ...types }))
    expect(bodyOf(await get(path, 'deployment-schedule.v1'))).toEqual({ notBefore: null, notAfter: null })
    const set = await put({ notBefore: '2027-01-02' }, { accept: 'change-id.v1' })
    expect([set.status, bodyOf(set)]).toEqual([200, { change }])
    expect(bodyOf(await get(path))).toEqual({ notBefore: '2027-01-02T00:00:00Z', notAfter: null })
    expect(bodyOf(await get(change)).statusInfo.deploymentSchedule.notBefore).toBe('2027-01-02T00:00:00Z')
    await put({ notAfter: '2027-02-03T04:05:06+01:00' })
    expect(bodyOf(await get(path))).toEqual({ notBefore: null, notAfter: '2027-02-03T03:05:06Z' })
  })

  it('names its bad dates, and refuses in order', async () => {
    const { e, change } = await showing({})
    const path = `${change}/deployment-schedule`
    const put = (body: unknown, sent = 'deployment-schedule.v1', accept = 'change-id.v1') =>
      api.call('PUT', path, sending(body, { sent, accept }))
    expect(fieldsOf(await put({ notBefore: '2021-02-31', notAfter: 5 }))).toEqual(['/notAfter'])
    expect(fieldsOf(await put({ notBefore: '2021-02-31', notAfter: '31.12.2021' }))).toEqual([
      '/notAfter',
      '/notBefore',
    ])
    expect(fieldsOf(await put({ notBefore: '2027-01-02', notAfter: '2027-01-02' }))).toEqual(['/notAfter'])
    expect(bodyOf(await get(path))).toEqual({ notBefore: null, notAfter: null })
    expectRefusal(
      await api.call('PUT', path, { client: 'ct-two', body: '{', headers: { accept: 'x/y' } }),
      404,
      'Not Found',
    )
    expectRefusal(await put('{', 'change.v1', 'change.v1'), 406, 'Not Acceptable')
    expectRefusal(await put('{', 'change.v1'), 415, 'Unsupported Media Type')
    expectRefusal(await put('{'), 400, 'Malformed JSON')
    api.fake.change(e, { state: 'cancelled' })
    expectRefusal(await put('{'), 400, 'Malformed JSON')
    expectRefusal(await put({}), 404, 'Not Found')
  })
})

describe('what a change shows', () => {
  it('is 404 at the wrong moment and for unknown types, and 406 before that', async () => {
    const { info } = await showing({})
    const types = [
      'lets-encrypt-challenges',
      'pre-verification-warnings',
      'post-verification-warnings',
      'third-party-csr',
      'change-management-info',
    ]
    for (const type of types) {
      expectRefusal(await get(info(type)), 404, 'Not Found')
      expectRefusal(await get(info(type), 'enrollment.v11'), 406, 'Not Acceptable')
      expectRefusal(
        await api.call('GET', info(type), { client: 'ct-two', headers: { accept: 'x/y' } }),
        404,
        'Not Found',
      )
      expectRefusal(await api.call('POST', info(type)), 405, 'Method Not Allowed')
    }
    expectRefusal(await get(info('change-management-info'), 'deployment.v8'), 404, 'Not Found')
    expectRefusal(await get(info('unheard-of'), 'x.v1'), 404, 'Not Found')
  })

  it('are warnings, one to a line', async () => {
    const { info } = await showing({
      warnings: { 'pre-verification': FINDINGS, 'post-verification': FINDINGS.slice(0, 1) },
    })
    const pre = await get(info('pre-verification-warnings'), 'warnings.v1')
    expect(pre.headers['content-type']).toBe(cps('warnings.v1'))
    expect(bodyOf(pre)).toEqual({ warnings: 'The first.\nThe second, over two lines.' })
    expect(bodyOf(await get(info('post-verification-warnings')))).toEqual({ warnings: 'The first.' })
  })

  it('are signing requests, both in v2 and one in v1', async () => {
    const { info } = await showing({ signingRequests: SIGNING_REQUESTS })
    expect(bodyOf(await get(info('third-party-csr'), 'csr.v1'))).toEqual({ csr: SIGNING_REQUESTS[1]?.pem })
    expect(
      bodyOf(await get(info('third-party-csr'))).csrs.map(
        (one: { keyAlgorithm: string }) => one.keyAlgorithm,
      ),
    ).toEqual(['ECDSA', 'RSA'])
  })

  it('is change management in six versions, and the deployment on staging in eight', async () => {
    const { info } = await showing({
      management: MANAGEMENT,
      pendingDeployment: { ...DEPLOYMENT, network: 'staging' },
    })
    const path = info('change-management-info')
    for (let version = 1; version <= 6; version += 1) {
      const answer = await get(path, `change-management-info.v${version}`)
      expect(answer.headers['content-type']).toBe(cps(`change-management-info.v${version}`))
      expect(bodyOf(answer).validationResultHash).toBe(MANAGEMENT.hash)
    }
    for (let version = 1; version <= 8; version += 1) {
      const answer = await get(path, `deployment.v${version}`)
      expect(answer.headers['content-type']).toBe(cps(`deployment.v${version}`))
      expect(bodyOf(answer)).toHaveProperty(version < 6 ? 'certificate' : 'primaryCertificate')
    }
    const newest = await api.call('GET', path)
    expect(newest.headers['content-type']).toBe(cps('change-management-info.v6'))
    const both = { headers: { accept: `${cps('change-management-info.v5')};q=0.5, ${cps('deployment.v7')}` } }
    expect((await api.call('GET', path, both)).headers['content-type']).toBe(cps('deployment.v7'))
  })
})

describe('what a change is told', () => {
  it('are acknowledgements of warnings, 404 at the wrong moment', async () => {
    const { change, update } = await showing({ warnings: { 'post-verification': FINDINGS } })
    const done = await post(
      update('post-verification-warnings-ack'),
      { acknowledgement: 'deny' },
      'acknowledgement.v1',
    )
    expect([done.status, bodyOf(done)]).toEqual([200, { change }])
    expect(last()?.input).toEqual({ kind: 'post-verification', word: 'deny' })
    const early = update('pre-verification-warnings-ack')
    expectRefusal(
      await post(early, { acknowledgement: 'acknowledge' }, 'acknowledgement.v1'),
      404,
      'Not Found',
    )
    expect(fieldsOf(await post(early, { acknowledgement: 'perhaps' }, 'acknowledgement.v1'))).toEqual([
      '/acknowledgement',
    ])
    expectRefusal(await post(update('unheard-of-ack'), '{', 'x.v1'), 404, 'Not Found')
  })

  it('are acknowledgements of change management, bound to a hash where one is given', async () => {
    const { update } = await showing({ management: MANAGEMENT })
    const path = update('change-management-ack')
    const word = { acknowledgement: 'acknowledge' }
    await post(path, word, 'acknowledgement.v1')
    expect(last()?.input).toEqual({ word: 'acknowledge', hash: null })
    await post(path, { ...word, hash: MANAGEMENT.hash }, 'acknowledgement-with-hash.v1')
    expect(last()?.input).toEqual({ word: 'acknowledge', hash: MANAGEMENT.hash })
    const before = api.fake.records.length
    for (const type of ['acknowledgement.v1', 'acknowledgement-with-hash.v1'])
      expectRefusal(await post(path, { ...word, hash: 'stale' }, type), 409, 'Hash mismatch')
    expectRefusal(
      await api.call('POST', path, { body: JSON.stringify({ ...word, hash: 'stale' }) }),
      409,
      'Hash mismatch',
    )
    expect(fieldsOf(await post(path, { hash: 7 }, 'acknowledgement-with-hash.v1'))).toEqual([
      '/acknowledgement',
      '/hash',
    ])
    expectRefusal(await post(path, word, 'deployment-schedule.v1'), 415, 'Unsupported Media Type')
    expect(api.fake.records.length).toBe(before)
  })

  it('are certificates, both at once or one a call, to the letter', async () => {
    const { change, update } = await showing({ signingRequests: SIGNING_REQUESTS })
    const both = ['ECDSA', 'RSA'].map((keyAlgorithm) => ({
      keyAlgorithm,
      certificate: pemOf(keyAlgorithm),
      trustChain: pemOf('chain'),
    }))
    const done = await post(
      update(UPLOAD),
      { certificatesAndTrustChains: both },
      'certificate-and-trust-chain.v2',
    )
    expect([done.status, bodyOf(done)]).toEqual([200, { change }])
    expect(last()?.input).toEqual(both)
    await post(
      update(UPLOAD),
      { certificatesAndTrustChains: both.slice(1) },
      'certificate-and-trust-chain.v2',
    )
    expect(last()?.input).toEqual(both.slice(1))
    await post(update(UPLOAD), { certificate: pemOf('old') }, 'certificate-and-trust-chain.v1')
    expect(last()?.input).toEqual([{ keyAlgorithm: 'RSA', certificate: pemOf('old'), trustChain: null }])
  })

  it('are certificates within limits, and every bad member is named', async () => {
    const { update } = await showing({ signingRequests: SIGNING_REQUESTS })
    const upload = (entries: unknown) =>
      post(update(UPLOAD), { certificatesAndTrustChains: entries }, 'certificate-and-trust-chain.v2')
    const before = api.fake.records.length
    expect(fieldsOf(await upload([{ keyAlgorithm: 'DSA', certificate: 7, trustChain: [] }]))).toEqual([
      '/certificatesAndTrustChains/0/certificate',
      '/certificatesAndTrustChains/0/keyAlgorithm',
      '/certificatesAndTrustChains/0/trustChain',
    ])
    expect(fieldsOf(await upload([]))).toEqual(['/certificatesAndTrustChains'])
    const large = await upload([{ keyAlgorithm: 'RSA', certificate: 'A'.repeat(250_000) }])
    expectRefusal(large, 413, 'Payload Too Large')
    expect(api.fake.records.length).toBe(before)
    // A chain of many certificates is well within.
    expect(
      (
        await upload([
          { keyAlgorithm: 'RSA', certificate: 'x', trustChain: pemOf('y'.repeat(1500)).repeat(50) },
        ])
      ).status,
    ).toBe(200)
    const { update: elsewhere } = await showing({})
    expectRefusal(
      await post(elsewhere(UPLOAD), { certificate: pemOf('x') }, 'certificate-and-trust-chain.v1'),
      404,
      'Not Found',
    )
  })

  it('are certificates whose faults are told where they stood in the body', async () => {
    const { update } = await showing({ signingRequests: SIGNING_REQUESTS })
    const at = (index: number, member: string) => ({
      field: `/certificatesAndTrustChains/${index}/${member}`,
      detail: 'no PEM',
    })
    const fault = new Problem('validation-error', {
      detail: 'No.',
      errors: [at(0, 'certificate'), at(0, 'trustChain')],
    })
    api.fake.refuseUploadsWith(fault)
    const second = [
      { keyAlgorithm: 'ECDSA', certificate: null },
      { keyAlgorithm: 'RSA', certificate: 'x', trustChain: 'y' },
    ]
    const v2 = await post(
      update(UPLOAD),
      { certificatesAndTrustChains: second },
      'certificate-and-trust-chain.v2',
    )
    expect(fieldsOf(v2)).toEqual([
      '/certificatesAndTrustChains/1/certificate',
      '/certificatesAndTrustChains/1/trustChain',
    ])
    const v1 = await post(
      update(UPLOAD),
      { certificate: 'x', trustChain: 'y' },
      'certificate-and-trust-chain.v1',
    )
    expectRefusal(v1, 400, 'Validation Error')
    expect(fieldsOf(v1)).toEqual(['/certificate', '/trustChain'])
    api.fake.refuseUploadsWith(null)
  })
})
