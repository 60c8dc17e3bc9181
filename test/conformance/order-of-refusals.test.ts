import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, type Created, createdBy } from '../support/api-calls.ts'
import { type Answer, type ApiUnderTest, type Sending, startApi } from '../support/api-under-test.ts'

/**
 * Signature, route, grant, account, media type, body, state: over every operation that the OpenAPI document has, each request is wrong in
 * all that comes later too, and the first fault is the one that is told.
 */
interface Operation {
  readonly method: string
  readonly path: string
  readonly isOpen: boolean
  readonly answers: readonly string[]
  readonly takes: readonly string[]
}

const WRONG_TYPES = { accept: 'application/vnd.akamai.cps.nothing.v1+json', 'content-type': 'text/plain' }
const ZONE = 'order.example.net'
const JUNK = '{"csr":'
/** For every account, whatever stands in the path. */
const FOR_ADMINS =
  /^\/certrail\/v1\/(accounts|authorities\/|installation|clock\/advance|audit|clients|contracts|maintenance|switch-keys|webhooks)/

let api: ApiUnderTest
let operations: readonly Operation[] = []
let created: Created

beforeAll(async () => {
  api = await startApi()
  created = await createdBy(api, 'order.example.com')
  const zone = { zone: ZONE, type: 'PRIMARY' }
  const zones = '/config-dns/v2/zones?contractId=C-1'
  expect((await api.call('POST', zones, { body: JSON.stringify(zone) })).status).toBe(201)
  const set = { id: 'A-1', name: 'Order', certificates: 'PEM' }
  const sets = '/certrail/v1/trust-chain-sets'
  expect((await api.call('POST', sets, { body: JSON.stringify(set) })).status).toBe(201)
  operations = operationsOf(bodyOf(await api.call('GET', '/certrail/v1/openapi.json')))
})
afterAll(() => api.close())

// oxlint-disable-next-line no-explicit-any -- the document is looked into by path
function operationsOf(document: any): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    // oxlint-disable-next-line no-explicit-any -- as above
    Object.entries(methods as Record<string, any>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      isOpen: operation.security?.length === 0,
      answers: contentTypesOf(operation.responses['200'] ?? operation.responses['202']),
      takes: contentTypesOf(operation.requestBody),
    })),
  )
}

const contentTypesOf = (node: { readonly content?: object } | undefined): readonly string[] =>
  Object.keys(node?.content ?? {})

const targetOf = ({ path }: Operation): string =>
  path
    .replace('{enrollmentId}', String(created.e))
    .replace('{changeId}', String(created.c))
    .replaceAll(/\{zone\}/g, ZONE)
    .replace('{name}', `www.${ZONE}`)
    .replace('{type}', 'A')
    .replaceAll(/\{\w+\}/g, 'A-1')

const isCps = (types: readonly string[]): boolean =>
  types.some((type) => type.startsWith('application/vnd.akamai.cps.'))
const writes = ({ method }: Operation): boolean => method !== 'GET'

function ask(operation: Operation, sending: Sending): Promise<Answer> {
  return api.call(operation.method, targetOf(operation), {
    ...sending,
    ...(writes(operation) ? { body: sending.body ?? JUNK } : {}),
  })
}

/** Asks each of them, and says which did not answer as expected. */
async function others(
  asked: readonly Operation[],
  sending: (operation: Operation) => Sending,
  status: number,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const operation of asked) {
    const answer = await ask(operation, sending(operation))
    if (answer.status !== status) wrong.push(`${operation.method} ${operation.path}: ${answer.status}`)
  }
  return wrong
}

const signed = (): readonly Operation[] => operations.filter(({ isOpen }) => !isOpen)
const ofObjects = (): readonly Operation[] =>
  signed().filter(({ path }) => /\{(enrollmentId|zone)\}/.test(path))

describe('of several faults', () => {
  it('there is something to look at', () => {
    expect(operations.length).toBeGreaterThan(35)
    expect(ofObjects().length).toBeGreaterThan(20)
    expect(operations.filter(({ takes }) => isCps(takes)).length).toBe(8)
  })

  it('the signature is told before everything', async () => {
    const wrong = { secret: 'another', headers: WRONG_TYPES, body: JUNK }
    expect(await others(signed(), () => wrong, 401)).toEqual([])
    expect((await api.call('POST', '/cps/v2/nothing', wrong)).status).toBe(401)
    expect((await api.call('PATCH', '/cps/v2/enrollments', wrong)).status).toBe(401)
  })

  it('the route is told before the grant', async () => {
    const wrong = { client: 'ct-reader', headers: WRONG_TYPES, body: JUNK }
    expect((await api.call('POST', '/cps/v2/nothing', wrong)).status).toBe(404)
    for (const operation of signed()) {
      const answer = await api.call('PATCH', targetOf(operation), wrong)
      expect([operation.path, answer.status]).toEqual([operation.path, 405])
    }
  })

  it('the grant is told before the account', async () => {
    const reader = (): Sending => ({ client: 'ct-reader', headers: WRONG_TYPES, body: JUNK })
    expect(await others(signed().filter(writes), reader, 403)).toEqual([])
  })

  it('the account is told before the media type: what others have is not there', async () => {
    const stranger = (): Sending => ({ client: 'ct-two', headers: WRONG_TYPES, body: JUNK })
    expect(await others(ofObjects(), stranger, 404)).toEqual([])
  })

  it('what can be answered is told before what was sent', async () => {
    const asked = signed().filter(({ answers }) => isCps(answers))
    expect(await others(asked, () => ({ headers: WRONG_TYPES, body: JUNK }), 406)).toEqual([])
  })

  it('the type of the body is told before the body', async () => {
    const asked = signed().filter(({ takes }) => isCps(takes))
    const typed = (): Sending => ({ headers: { 'content-type': 'text/plain' }, body: JUNK })
    expect(await others(asked, typed, 415)).toEqual([])
  })

  it('the body is told before the state', async () => {
    const asked = signed().filter(({ takes, path }) => takes.length > 0 && !FOR_ADMINS.test(path))
    const untyped = (): Sending => ({ body: JUNK })
    expect(await others(asked, untyped, 400)).toEqual([])
  })

  it('the state is told at last', async () => {
    const bodyFor = (operation: Operation): Sending => {
      const [newest] = operation.takes
      const name = /cps\.([\w-]+\.v\d+)\+json$/.exec(newest ?? '')?.[1]
      return name === undefined ? {} : { body: fixture(name), headers: { 'content-type': String(newest) } }
    }
    const waiting = ofObjects().filter(
      ({ path }) => /\/input\/(info|update)\//.test(path) && !path.endsWith('challenges-completed'),
    )
    expect(waiting.length).toBe(9)
    expect(await others(waiting, bodyFor, 404)).toEqual([])
    const { enrollment } = await createdBy(api, 'www.example.com')
    const types = { 'content-type': 'application/vnd.akamai.cps.enrollment.v11+json' }
    const put = { body: fixture('enrollment.v11'), headers: types }
    expect((await api.call('PUT', enrollment, { ...put, body: withoutSniChange(put.body) })).status).toBe(409)
    expect((await api.call('DELETE', enrollment)).status).toBe(409)
  })
})

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'cps', `${name}.json`), 'utf8')

/** What is fixed at creation as `createdBy` made it. */
function withoutSniChange(text: string): string {
  const body = JSON.parse(text)
  return JSON.stringify({
    ...body,
    networkConfiguration: { ...body.networkConfiguration, secureNetwork: 'enhanced-tls' },
  })
}
