import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, expectRefusal, fieldsOf } from '../support/api-calls.ts'
import { type ApiUnderTest, startApi } from '../support/api-under-test.ts'

const CLIENTS = '/certrail/v1/accounts/A-1/clients'
let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const call = (method: string, path: string, body?: unknown, client = 'ct-admin') =>
  api.call(method, path, { client, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })

async function created(body: object = {}) {
  const answer = await call('POST', CLIENTS, { role: 'operator', ...body })
  expect(answer.status).toBe(201)
  return bodyOf(answer)
}

describe('API clients', () => {
  it('are made with an end, and shown without their secrets', async () => {
    const { id, edgerc, expiresAt } = await created({
      name: 'pipeline',
      section: 'ci',
      expiresAt: '2027-01-01T00:00:00Z',
    })
    expect(edgerc).toMatch(/^\[ci\]\nhost = localhost:\d+\nclient_token = /)
    expect(expiresAt).toBe('2027-01-01T00:00:00Z')
    const shown = await call('GET', `${CLIENTS}/${id}`)
    expect(bodyOf(shown)).toMatchObject({
      id,
      name: 'pipeline',
      role: 'operator',
      disabled: false,
      expiresAt: '2027-01-01T00:00:00Z',
      lastUsedAt: null,
      switchesTo: [],
      credentials: [{ status: 'active', expiresAt: null, lastUsedAt: null }],
    })
    expect(shown.text).not.toMatch(/made-up|accessToken|secret/i)
    expect(bodyOf(await call('GET', CLIENTS)).clients).toContainEqual(bodyOf(shown))
  })

  it('are rotated: a second credential, not a third, and the first retired', async () => {
    const { id, clientToken } = await created()
    const path = `${CLIENTS}/${id}/credentials`
    const second = await call('POST', path, { section: 'new' })
    expect([second.status, second.headers['cache-control']]).toEqual([201, 'no-store'])
    expect(bodyOf(second).edgerc).toContain('[new]')
    expectRefusal(await call('POST', path, {}), 409, 'Too many credentials')
    const retired = await call('DELETE', `${path}/${clientToken}`)
    expect(bodyOf(retired).credentials.map(({ status }: { status: string }) => status)).toEqual([
      'active',
      'retired',
    ])
    expect((await call('POST', path)).status).toBe(201)
    expectRefusal(await call('DELETE', `${path}/ct-nothing`), 404, 'Not Found')
  })

  it('are disabled, enabled, renamed, and given an end or none', async () => {
    const { id } = await created({ expiresAt: '2027-01-01T00:00:00Z' })
    const path = `${CLIENTS}/${id}`
    expect(bodyOf(await call('PUT', path, { disabled: true }))).toMatchObject({
      disabled: true,
      expiresAt: '2027-01-01T00:00:00Z',
    })
    expect(
      bodyOf(await call('PUT', path, { disabled: false, name: 'other', expiresAt: null })),
    ).toMatchObject({ disabled: false, name: 'other', expiresAt: null })
  })

  it.each([
    [{ disabled: 'yes' }, ['/disabled']],
    [{ disabled: null, expiresAt: 'tomorrow' }, ['/disabled', '/expiresAt']],
    [{ name: '' }, ['/name']],
    [{ name: 'a\u0000b' }, ['/name']],
    [{ role: 'admin' }, ['/role']],
    [[], ['']],
  ])('are not changed by %j', async (body, fields) => {
    const { id } = await created()
    const before = bodyOf(await call('GET', `${CLIENTS}/${id}`))
    const answer = await call('PUT', `${CLIENTS}/${id}`, body)
    expectRefusal(answer, 400, 'Validation Error')
    expect(fieldsOf(answer)).toEqual(fields)
    expect(bodyOf(await call('GET', `${CLIENTS}/${id}`))).toEqual(before)
  })

  it('of other accounts are not there, whatever is sent', async () => {
    const other = '/certrail/v1/accounts/A-2/clients'
    expectRefusal(await call('GET', other), 404, 'Not Found')
    expectRefusal(await call('PUT', `${other}/client-1`, []), 404, 'Not Found')
    expectRefusal(await call('POST', `${other}/client-1/credentials`, { section: ' ' }), 404, 'Not Found')
    for (const client of ['ct-one', 'ct-reader'])
      expectRefusal(await call('GET', CLIENTS, undefined, client), 403, 'Forbidden')
  })

  it('can ask which account they act on', async () => {
    expect(bodyOf(await call('GET', '/certrail/v1/account', undefined, 'ct-reader'))).toMatchObject({
      id: 'A-1',
      client: { id: 'id of ct-reader', name: 'ct-reader', role: 'read-only' },
    })
    const switched = await call('GET', '/certrail/v1/account?accountSwitchKey=1-TWO%3A1-8BYUX')
    expect(bodyOf(switched).id).toBe('A-2')
  })
})
