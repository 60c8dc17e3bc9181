import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, expectRefusal, fieldsOf } from '../support/api-calls.ts'
import { type ApiUnderTest, startApi } from '../support/api-under-test.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const SETS = '/certrail/v1/trust-chain-sets'
const send = (method: string, path: string, body?: unknown, client = 'ct-one') =>
  api.call(method, path, { client, ...(body !== undefined && { body: JSON.stringify(body) }) })

describe('trust-chain sets', () => {
  it('are made with an id of ours or of the caller, read, revised, activated and removed', async () => {
    const made = await send('POST', SETS, { name: 'Partners', certificates: 'PEM' })
    expect([made.status, bodyOf(made)]).toMatchObject([
      201,
      { name: 'Partners', active: { staging: 1, production: 1 }, enrollments: [] },
    ])
    const own = await send('POST', SETS, { id: 'my-set', name: 'Mine', certificates: 'PEM' })
    expect(bodyOf(own).id).toBe('my-set')
    const { trustChainSets } = bodyOf(await send('GET', SETS))
    expect(trustChainSets.map(({ name }: { name: string }) => name)).toEqual(['Partners', 'Mine'])
    expect((await send('GET', `${SETS}/my-set`)).status).toBe(200)
    expect((await send('POST', `${SETS}/my-set/revisions`, { certificates: 'PEM' })).status).toBe(201)
    const activation = { network: 'staging', revision: 1 }
    expect((await send('POST', `${SETS}/my-set/activations`, activation)).status).toBe(200)
    const removed = await send('DELETE', `${SETS}/my-set`)
    expect([removed.status, removed.text]).toEqual([204, ''])
    expectRefusal(await send('GET', `${SETS}/my-set`), 404, 'Not Found')
  })

  it.each<[string, object, string[]]>([
    ['', {}, ['/certificates', '/name']],
    ['', { name: '', certificates: 7 }, ['/certificates', '/name']],
    ['', { name: 'x', certificates: 'x', id: 'a b' }, ['/id']],
    ['', { name: 'x', certificates: 'x', colour: 1 }, ['/colour']],
    ['/kept/revisions', { certificates: null }, ['/certificates']],
    ['/kept/activations', { network: 'both', revision: 0 }, ['/network', '/revision']],
  ])('are refused at "%s" with %j', async (path, body, fields) => {
    await send('POST', SETS, { id: 'kept', name: 'Kept', certificates: 'PEM' })
    const answer = await send('POST', `${SETS}${path}`, body)
    expectRefusal(answer, 400, 'Validation Error')
    expect(fieldsOf(answer)).toEqual(fields)
  })

  it('are nothing to other accounts, and nothing that a reader changes', async () => {
    await send('POST', SETS, { id: 'own', name: 'Own', certificates: 'PEM' })
    const calls: [string, string, unknown?][] = [
      ['GET', `${SETS}/own`],
      ['POST', `${SETS}/own/revisions`, { certificates: 'PEM' }],
      ['POST', `${SETS}/own/activations`, { network: 'staging', revision: 1 }],
      ['POST', `${SETS}/own/activations`, {}],
      ['DELETE', `${SETS}/own`],
    ]
    for (const [method, path, body] of calls) {
      expectRefusal(await send(method, path, body, 'ct-two'), 404, 'Not Found')
      if (method !== 'GET') expectRefusal(await send(method, path, body, 'ct-reader'), 403, 'Forbidden')
    }
    expect(bodyOf(await send('GET', SETS, undefined, 'ct-two')).trustChainSets).toEqual([])
  })
})
