import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CATALOGUE, type ProblemCode } from '../../src/errors/catalogue.ts'
import { MEANINGS } from '../../src/errors/meanings.ts'
import { bodyOf, createdBy, ENROLLMENTS, sending } from '../support/api-calls.ts'
import { type Answer, type ApiUnderTest, startApi } from '../support/api-under-test.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const open = { authorization: null }
const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

describe('the page of an error type', () => {
  it.each(Object.keys(CATALOGUE) as ProblemCode[])('%s explains it, without a signature', async (code) => {
    const page = await api.call('GET', `/cps/v2/error-types/${code}`, open)
    expect([page.status, page.headers['content-type']]).toEqual([200, 'application/json'])
    expect(bodyOf(page)).toMatchObject({
      title: CATALOGUE[code].title,
      status: CATALOGUE[code].status,
      ...MEANINGS[code],
    })
  })

  it('is HTML for browsers, which scripts cannot be put into', async () => {
    const page = await api.call('GET', '/cps/v2/error-types/validation-error', { ...open, headers: browser })
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.headers['content-security-policy']).toBe("default-src 'none'")
    expect(page.text).toContain('<h1>400 Validation Error</h1>')
    const json = { ...open, headers: { accept: 'application/json' } }
    expect(bodyOf(await api.call('GET', '/cps/v2/error-types/validation-error', json)).status).toBe(400)
  })

  it('is found under the bare type of a fault too, and under ours only for what is ours', async () => {
    const fault = bodyOf(await api.call('GET', '/cps/v2/error-types/internal_error', open))
    expect(fault).toMatchObject({ type: 'internal_error', title: 'Internal Server Error', status: 500 })
    expect((await api.call('GET', '/certrail/v1/error-types/not-ready', open)).status).toBe(200)
    expect((await api.call('GET', '/certrail/v1/error-types/hash-mismatch', open)).status).toBe(404)
    expect((await api.call('GET', '/cps/v2/error-types/toString', open)).status).toBe(404)
  })
})

describe('a refusal', () => {
  it('leads by its type to its page, and by its id into the log', async () => {
    const { change } = await createdBy(api, 'errors.example.com')
    const refusals: readonly Answer[] = [
      await api.call('GET', `${ENROLLMENTS}/999999999`),
      await api.call('GET', change, sending(undefined, { accept: 'change.v9' })),
      await api.call('POST', `${ENROLLMENTS}?contractId=C-1`, sending({}, { sent: 'enrollment.v11' })),
      await api.call('POST', `${ENROLLMENTS}?contractId=C-1`, sending('<xml/>', { sent: 'enrollment.v99' })),
      await api.call('DELETE', change.replace(/\/changes.*/, '')),
      await api.call('PATCH', ENROLLMENTS),
      await api.call('GET', ENROLLMENTS, { secret: 'another' }),
      await api.call('GET', '/papi/v9/nothing'),
    ]
    expect(refusals.map(({ status }) => status)).toEqual([404, 406, 400, 415, 409, 405, 401, 404])
    for (const refusal of refusals) {
      const { type, instance, status } = bodyOf(refusal)
      const id = /\?id=([0-9a-f]{32})$/.exec(instance)?.[1]
      expect(instance).toBe(`${type}?id=${id}`)
      expect(refusal.headers['x-request-id']).toBe(id)
      expect(api.logged).toContainEqual({
        level: 'info',
        message: 'request',
        fields: expect.objectContaining({ requestId: id, status }),
      })
      expect(api.logged).toContainEqual({
        level: 'debug',
        message: 'refused',
        fields: expect.objectContaining({ requestId: id }),
      })
      const path = /^https:\/\/[^/]+(\/(cps|certrail)\/.*)$/.exec(type)?.[1]
      if (path === undefined || type.startsWith('https://problems.luna')) continue
      expect((await api.call('GET', path, open)).status).toBe(200)
    }
  })

  it('has the words that clients compare', async () => {
    const { enrollment } = await createdBy(api, 'words.example.com')
    const pending = bodyOf(await api.call('DELETE', enrollment))
    expect(pending).toMatchObject({
      type: `https://${api.host}/cps/v2/error-types/cannot-cancel-pending-change`,
      title: 'Cannot cancel pending change.',
    })
    const missing = bodyOf(await api.call('GET', `${ENROLLMENTS}/999999999`))
    expect(missing).toEqual({
      type: `https://${api.host}/cps/v2/error-types/not-found`,
      title: 'Not Found',
      status: 404,
      instance: expect.stringMatching(/\/cps\/v2\/error-types\/not-found\?id=[0-9a-f]{32}$/),
    })
  })
})
