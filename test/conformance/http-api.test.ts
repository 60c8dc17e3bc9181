import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NameValidationView } from '../../src/app/views.ts'
import { instant } from '../../src/domain/time.ts'
import { cps, dvEnrollment as enrollment } from '../support/api-calls.ts'
import { type Answer, type ApiUnderTest, type Sending, startApi } from '../support/api-under-test.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const ENROLLMENTS = '/cps/v2/enrollments'

const post = (body: unknown, sending: Sending = {}): Sending => ({
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...sending,
  headers: { 'content-type': cps('enrollment.v11'), accept: cps('enrollment-status.v1'), ...sending.headers },
})

async function create(cn: string): Promise<{ e: number; c: number }> {
  const answer = await api.call('POST', `${ENROLLMENTS}?contractId=ctr_C-1`, post(enrollment(cn)))
  expect(answer.status, answer.text).toBe(202)
  const [, e, c] = /enrollments\/(\d+)\/changes\/(\d+)/.exec(bodyOf(answer).changes[0]) as unknown as string[]
  return { e: Number(e), c: Number(c) }
}

// oxlint-disable-next-line no-explicit-any -- tests look into answers by path
const bodyOf = (answer: Answer): any => JSON.parse(answer.text)

/** Every refusal is problem+json with an id that is in the header too. */
function expectProblem(answer: Answer, status: number, title: string, detail?: string): void {
  expect(answer.status, answer.text).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  const problem = bodyOf(answer)
  expect(problem).toMatchObject({ title, status, ...(detail === undefined ? {} : { detail }) })
  expect(problem.instance).toBe(`${problem.type}?id=${String(answer.headers['x-request-id'])}`)
  expect(problem.instance).toMatch(/\?id=[0-9a-f]{32}$/)
}

const fieldsOf = (answer: Answer): string[] =>
  bodyOf(answer).errors.map((error: { field: string }) => error.field)

describe('enrollments', () => {
  it('are created with 202, locations without host, and a Location header', async () => {
    const answer = await api.call(
      'POST',
      `${ENROLLMENTS}?contractId=ctr_C-1`,
      post(enrollment('a.example.com')),
    )
    expect(answer.status).toBe(202)
    expect(answer.headers['content-type']).toBe(cps('enrollment-status.v1'))
    expect(bodyOf(answer).enrollment).toMatch(/^\/cps\/v2\/enrollments\/\d+$/)
    expect(answer.headers['location']).toBe(bodyOf(answer).enrollment)
    expect(answer.headers['date']).toBeDefined()
  })

  it('come back in each version that is asked for, numbers as numbers and names as written', async () => {
    const { e, c } = await create('Echo.Example.com')
    const newest = bodyOf(
      await api.call('GET', `${ENROLLMENTS}/${e}`, { headers: { accept: cps('enrollment.v11') } }),
    )
    expect(newest).toMatchObject({
      id: e,
      orgId: null,
      maxAllowedSanNames: 100,
      csr: { cn: 'Echo.Example.com', sans: ['Echo.Example.com', 'www.Echo.Example.com'] },
      networkConfiguration: {
        dnsNameSettings: { cloneDnsNames: false, dnsNames: ['www.Echo.Example.com'] },
        ocspStapling: 'on',
      },
      pendingChanges: [{ location: `${ENROLLMENTS}/${e}/changes/${c}`, changeType: 'new-certificate' }],
    })
    expect(newest.networkConfiguration).not.toHaveProperty('fipsMode')
    const old = await api.call('GET', `${ENROLLMENTS}?contractId=C-1`, {
      headers: { accept: cps('enrollments.v4') },
    })
    expect(old.headers['content-type']).toBe(cps('enrollments.v4'))
    expect(
      bodyOf(old).enrollments.find((item: { location: string }) => item.location.endsWith(`/${e}`)),
    ).toMatchObject({
      pendingChanges: [`${ENROLLMENTS}/${e}/changes/${c}`],
      networkConfiguration: { sni: { cloneDnsNames: false, dnsNames: ['www.Echo.Example.com'] } },
      certificateChainType: 'default',
    })
  })

  it('are listed without a contract, and none is an empty list', async () => {
    await create('listed.example.com')
    expect(bodyOf(await api.call('GET', ENROLLMENTS)).enrollments.length).toBeGreaterThan(0)
    expect(bodyOf(await api.call('GET', `${ENROLLMENTS}?contractId=`)).enrollments.length).toBeGreaterThan(0)
    expect(bodyOf(await api.call('GET', `${ENROLLMENTS}?contractId=C-2`))).toEqual({ enrollments: [] })
  })

  it('are not there for another account, which hears that before anything about its request', async () => {
    const { e, c } = await create('mine.example.com')
    const headers = { accept: cps('nonsense.v1'), 'content-type': 'text/plain' }
    for (const path of [
      `${ENROLLMENTS}/${e}`,
      `${ENROLLMENTS}/${e}/changes/${c}`,
      `${ENROLLMENTS}/${e}/deployments`,
    ])
      expectProblem(await api.call('GET', path, { client: 'ct-two', headers }), 404, 'Not Found')
    const update = `${ENROLLMENTS}/${e}/changes/${c}/input/update/lets-encrypt-challenges-completed`
    expectProblem(await api.call('POST', update, { client: 'ct-two', headers, body: '{' }), 404, 'Not Found')
    expectProblem(await api.call('POST', update, { headers, body: '{' }), 406, 'Not Acceptable')
  })

  it('work with the vendor client, which sends Content-Type on every call', async () => {
    const made = await api.vendor(
      'POST',
      `${ENROLLMENTS}?contractId=C-1`,
      { 'Content-Type': cps('enrollment.v12'), Accept: cps('enrollment-status.v1') },
      JSON.stringify(enrollment('vendor.example.com')),
    )
    expect(made.status).toBe(202)
    const path = (made.data as { enrollment: string }).enrollment
    const got = await api.vendor('GET', path, { Accept: cps('enrollment.v12') })
    expect(got).toMatchObject({ status: 200, data: { networkConfiguration: { fipsMode: false } } })
  })

  it('of another account are reached with an account switch key, by those who may', async () => {
    const path = `${ENROLLMENTS}?accountSwitchKey=1-TWO%3A1-8BYUX`
    expect(bodyOf(await api.call('GET', path, { client: 'ct-admin' }))).toEqual({ enrollments: [] })
    expectProblem(
      await api.call('GET', path),
      403,
      'Forbidden',
      'The client does not have the grant needed for the request',
    )
  })
})

describe('a refused enrollment', () => {
  it('names every bad field by its JSON pointer, and is not stored', async () => {
    const before = api.fake.calls.length
    const body = enrollment('bad.example.com')
    const answer = await api.call(
      'POST',
      `${ENROLLMENTS}?contractId=C-1`,
      post({
        ...body,
        ra: 'nobody',
        changeManagement: 'yes',
        csr: { ...body.csr, c: 'USA', sans: ['fine.example.com', 'not a name', 7, '192.0.2.1'] },
        networkConfiguration: {
          ...body.networkConfiguration,
          geography: undefined,
          mustHaveCiphers: 'strong',
          sniOnly: 'x',
        },
      }),
    )
    expectProblem(answer, 400, 'Validation Error')
    expect(fieldsOf(answer).sort()).toEqual([
      '/changeManagement',
      '/csr/c',
      '/csr/sans/1',
      '/csr/sans/2',
      '/csr/sans/3',
      '/networkConfiguration/geography',
      '/networkConfiguration/mustHaveCiphers',
      '/networkConfiguration/sniOnly',
      '/ra',
    ])
    expect(api.fake.calls.length).toBe(before)
  })

  it.each([
    ['a name that is no DNS name', 'ex ample.com'],
    ['a URL', 'https://example.com/'],
    ['an address', '192.0.2.1'],
    ['a service name', 'api.certrail.example'],
    ['localhost', 'localhost'],
    ['a wildcard over the service', '*.certrail.example'],
    ['a label that is too long', `${'a'.repeat(64)}.example.com`],
    ['a NUL', 'a\u0000.example.com'],
  ])('has %s', async (_, cn) => {
    const body = enrollment('x.example.com')
    const answer = await api.call(
      'POST',
      `${ENROLLMENTS}?contractId=C-1`,
      post({ ...body, csr: { ...body.csr, cn } }),
    )
    expectProblem(answer, 400, 'Validation Error')
    expect(fieldsOf(answer)).toContain('/csr/cn')
  })

  it.each(['[]', 'null', '"text"', '7'])('is %s', async (body) => {
    expectProblem(
      await api.call('POST', `${ENROLLMENTS}?contractId=C-1`, post(body)),
      400,
      'Validation Error',
    )
  })

  it.each([
    ['broken JSON', '{"ra":'],
    ['nothing', ''],
    ['endless depth', '['.repeat(100_000)],
  ])('is %s', async (_, body) => {
    expectProblem(await api.call('POST', `${ENROLLMENTS}?contractId=C-1`, post(body)), 400, 'Malformed JSON')
  })

  it('is not UTF-8', async () => {
    const sending = { ...post(''), body: new Uint8Array([0x22, 0xff, 0x22]) }
    expectProblem(await api.call('POST', `${ENROLLMENTS}?contractId=C-1`, sending), 400, 'Malformed JSON')
  })

  it('is larger than the limit, with or without its length', async () => {
    const body = JSON.stringify({ ...enrollment('x.example.com'), padding: 'x'.repeat(300_000) })
    const path = `${ENROLLMENTS}?contractId=C-1`
    expectProblem(await api.call('POST', path, post(body)), 413, 'Payload Too Large')
    expectProblem(
      await api.call('POST', path, { ...post(body), headers: { 'transfer-encoding': 'chunked' } }),
      413,
      'Payload Too Large',
    )
    expectProblem(await api.call('POST', path, { ...post(body), secret: 'wrong' }), 401, 'Not authorized')
  })

  it('lacks its contract, names another, or has dates that are none', async () => {
    expect(fieldsOf(await api.call('POST', ENROLLMENTS, post(enrollment('q.example.com'))))).toEqual([
      'contractId',
    ])
    expectProblem(
      await api.call('POST', `${ENROLLMENTS}?contractId=C-9`, post(enrollment('q.example.com'))),
      403,
      'invalid contract',
    )
    const dates = 'deploy-not-before=soon&deploy-not-after=2021-01-31T00:00:00.000Z'
    expect(
      fieldsOf(
        await api.call('POST', `${ENROLLMENTS}?contractId=C-1&${dates}`, post(enrollment('q.example.com'))),
      ),
    ).toEqual(['deploy-not-before'])
    const bad = { ...enrollment('q.example.com'), ra: 'nobody' }
    expect(fieldsOf(await api.call('POST', `${ENROLLMENTS}?${dates}`, post(bad)))).toEqual([
      'contractId',
      'deploy-not-before',
      '/ra',
    ])
    const typed = post(bad, { headers: { 'content-type': 'text/plain' } })
    expectProblem(await api.call('POST', ENROLLMENTS, typed), 415, 'Unsupported Media Type')
  })

  it('comes in a media type that is not spoken, or wants one', async () => {
    const path = `${ENROLLMENTS}?contractId=C-1`
    const before = api.fake.calls.length
    const wrong = await api.call(
      'POST',
      path,
      post(enrollment('m.example.com'), { headers: { 'content-type': 'text/plain' } }),
    )
    expectProblem(wrong, 415, 'Unsupported Media Type')
    expect(bodyOf(wrong).supported).toContain(cps('enrollment.v11'))
    const unwanted = await api.call(
      'POST',
      path,
      post(enrollment('m.example.com'), { headers: { accept: cps('enrollment.v11') } }),
    )
    expectProblem(unwanted, 406, 'Not Acceptable')
    expect(bodyOf(unwanted).acceptable).toEqual([cps('enrollment-status.v1')])
    expect(api.fake.calls.length).toBe(before)
  })
})

describe('changes', () => {
  it('show the historical spelling, and answer at once when they differ from what they were', async () => {
    const { e, c } = await create('wait.example.com')
    const path = `${ENROLLMENTS}/${e}/changes/${c}`
    expect(bodyOf(await api.call('GET', path, { headers: { accept: cps('change.v1') } }))).toEqual({
      statusInfo: {
        state: 'running',
        status: 'coodinate-domain-validation',
        description: 'Coordinating domain name validation.',
        error: null,
        deploymentSchedule: { notBefore: null, notAfter: null },
      },
      allowedInput: [],
    })
    const waiting = api.call('GET', path, { headers: { prefer: 'respond-async, wait=500' } })
    await expect.poll(() => api.fake.calls.at(-1)).toBe('waiting')
    api.fake.change(e, { state: 'awaiting-input' })
    const answer = await waiting
    expect(answer.headers['preference-applied']).toBe('wait=50')
    expect(bodyOf(answer).allowedInput).toEqual([
      {
        type: 'lets-encrypt-challenges',
        requiredToProceed: false,
        info: `${path}/input/info/lets-encrypt-challenges`,
        update: `${path}/input/update/lets-encrypt-challenges-completed`,
      },
    ])
  })

  it('say what went wrong in state error alone', async () => {
    const { e, c } = await create('error.example.com')
    const error = {
      code: 'authority-refused',
      description: 'The CA refused.',
      at: instant(Date.UTC(2026, 0, 2)),
    }
    api.fake.change(e, { state: 'error', error })
    const path = `${ENROLLMENTS}/${e}/changes/${c}`
    const shown = {
      code: 'authority-refused',
      description: 'The CA refused.',
      timestamp: '2026-01-02T00:00:00Z',
    }
    expect(bodyOf(await api.call('GET', path)).statusInfo.error).toEqual(shown)
    api.fake.change(e, { state: 'running', error })
    expect(bodyOf(await api.call('GET', path)).statusInfo.error).toBeNull()
  })

  it('show challenges in both versions, and none at the wrong moment', async () => {
    const { e, c } = await create('dv.example.com')
    const path = `${ENROLLMENTS}/${e}/changes/${c}/input/info/lets-encrypt-challenges`
    expectProblem(
      await api.call('GET', path, { headers: { accept: cps('dv-challenges.v2') } }),
      404,
      'Not Found',
    )
    api.fake.place(e, { challenges: CHALLENGES })
    const { dv } = bodyOf(await api.call('GET', path, { headers: { accept: cps('dv-challenges.v2') } }))
    expect(dv[0]).toMatchObject({
      domain: 'dv.example.com',
      status: 'Awaiting user',
      validationStatus: 'RESPONSE_ERROR',
      expires: '',
    })
    expect(dv[0].challenges).toMatchObject([
      {
        type: 'http-01',
        status: 'pending',
        fullPath: 'http://dv.example.com/.well-known/acme-challenge/tok',
        redirectFullPath: 'http://127.0.0.1:8080/.well-known/acme-challenge/tok',
        responseBody: 'tok.thumb',
        validationRecords: [{ port: '80' }],
      },
      { type: 'dns-01', fullPath: '_acme-challenge.dv.example.com.', redirectFullPath: '' },
    ])
    expect(dv[1].challenges).toMatchObject([{ type: 'dns-01', fullPath: '_acme-challenge.dv.example.com.' }])
    const old = bodyOf(await api.call('GET', path, { headers: { accept: cps('dv-challenges.v1') } }))
    expect(old.challenges.map((row: { domain: string }) => row.domain)).toEqual(['dv.example.com'])
  })

  it('take acknowledgements, in words that are words', async () => {
    const { e, c } = await create('ack.example.com')
    const path = `${ENROLLMENTS}/${e}/changes/${c}/input/update/lets-encrypt-challenges-completed`
    const headers = { 'content-type': cps('acknowledgement.v1'), accept: cps('change-id.v1') }
    const answer = await api.call('POST', path, { headers, body: '{"acknowledgement":"acknowledge"}' })
    expect(answer.status).toBe(200)
    expect(bodyOf(answer)).toEqual({ change: `${ENROLLMENTS}/${e}/changes/${c}` })
    expect(api.fake.calls.at(-1)).toBe('acknowledgeChallenges acknowledge')
    expect(
      fieldsOf(await api.call('POST', path, { headers, body: '{"acknowledgement":"perhaps"}' })),
    ).toEqual(['/acknowledgement'])
    api.fake.change(e, { status: 'complete', state: 'completed' })
    expectProblem(
      await api.call('POST', path, { headers, body: '{"acknowledgement":"acknowledge"}' }),
      404,
      'Not Found',
    )
  })

  it.each(['0', '-1', '1e3', '007', '99999999999999999999', 'abc', '%31%2e'])(
    'are not found under the id %s',
    async (id) => {
      expectProblem(await api.call('GET', `${ENROLLMENTS}/${id}`), 404, 'Not Found')
      expectProblem(await api.call('GET', `${ENROLLMENTS}/10001/changes/${id}`), 404, 'Not Found')
    },
  )
})

describe('deployments', () => {
  it('are null on both networks before there are any, and 404 one by one', async () => {
    const { e } = await create('none.example.com')
    const path = `${ENROLLMENTS}/${e}/deployments`
    expect(bodyOf(await api.call('GET', path, { headers: { accept: cps('deployments.v7') } }))).toEqual({
      production: null,
      staging: null,
    })
    expectProblem(await api.call('GET', `${path}/production`), 404, 'Not Found')
    expectProblem(await api.call('GET', `${path}/staging`), 404, 'Not Found')
  })
})

describe('other Akamai paths', () => {
  it('answer the contract identifiers that the Python CLI sets up from', async () => {
    const answer = await api.call('GET', '/contract-api/v1/contracts/identifiers?depth=TOP')
    expect([answer.status, answer.headers['content-type'], bodyOf(answer)]).toEqual([
      200,
      'application/json',
      ['C-1', 'C-2'],
    ])
  })

  it('say that they are not part of Certrail, and of the CPS API that there is no such path', async () => {
    const unknown = await api.call('GET', '/papi/v1/properties')
    expectProblem(unknown, 404, 'Not part of Certrail', '/papi/v1/properties is not part of Certrail.')
    expect(bodyOf(unknown).path).toBe('/papi/v1/properties')
    for (const path of ['/papi/v1/contracts/ctr_C-1', '/appsec/v1/configs', '/identity-management/v3/groups'])
      expectProblem(await api.call('POST', path), 404, 'Not part of Certrail')
    expectProblem(await api.call('GET', '/cps/v2/organizations'), 404, 'Not Found')
    expectProblem(await api.call('GET', '/cps/v2/enrollments/'), 404, 'Not Found')
    expectProblem(await api.call('GET', '/cpsx'), 404, 'Not part of Certrail')
  })

  it('explain problem types without a signature', async () => {
    const page = await api.call('GET', '/cps/v2/error-types/not-found', { authorization: null })
    expect(bodyOf(page)).toMatchObject({
      type: `https://${api.host}/cps/v2/error-types/not-found`,
      title: 'Not Found',
      status: 404,
    })
    for (const path of ['/cps/v2/error-types/constructor', '/certrail/v1/error-types/not-found'])
      expectProblem(await api.call('GET', path, { authorization: null }), 404, 'Not Found')
  })
})

const CHALLENGES: readonly NameValidationView[] = [
  {
    domain: 'dv.example.com',
    status: 'failed-look',
    error: 'nothing there',
    requestedAt: instant(Date.UTC(2026, 0, 2)),
    validatedAt: null,
    expires: null,
    challenges: [
      {
        type: 'http-01',
        status: 'pending',
        token: 'tok',
        keyAuthorization: 'tok.thumb',
        error: null,
        records: [
          {
            hostname: 'dv.example.com',
            port: '80',
            url: 'http://dv.example.com/',
            authorities: [],
            resolvedIp: [],
            triedIp: '',
            usedIp: '',
          },
        ],
      },
      {
        type: 'dns-01',
        status: 'pending',
        token: 'tok2',
        keyAuthorization: 'tok2.thumb',
        error: null,
        records: [],
      },
    ],
  },
  {
    domain: '*.dv.example.com',
    status: 'awaiting',
    error: null,
    requestedAt: instant(0),
    validatedAt: null,
    expires: instant(1),
    challenges: [
      { type: 'http-01', status: 'pending', token: 't3', keyAuthorization: 't3.t', error: null, records: [] },
      { type: 'dns-01', status: 'pending', token: 't4', keyAuthorization: 't4.t', error: null, records: [] },
    ],
  },
]
