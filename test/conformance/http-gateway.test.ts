import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeId, enrollmentId } from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'
import { type Answer, type ApiUnderTest, startApi } from '../support/api-under-test.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const LIST = '/cps/v2/enrollments'

// oxlint-disable-next-line no-explicit-any -- tests look into answers by path
const bodyOf = (answer: Answer): any => JSON.parse(answer.text)

const summary = (answer: Answer) => {
  expect(answer.headers['content-type']).toBe('application/problem+json')
  const { title, detail } = bodyOf(answer)
  return [answer.status, title, detail]
}

describe('the signature', () => {
  it('is refused with the words of EdgeGrid', async () => {
    const bad = async (sending: Parameters<ApiUnderTest['call']>[2]) =>
      summary(await api.call('GET', LIST, sending))
    expect(await bad({ authorization: null })).toEqual([400, 'Bad request', 'Authorization header missing'])
    expect(await bad({ authorization: 'Bearer x' })).toEqual([
      400,
      'Bad request',
      'Invalid authorization header',
    ])
    expect(await bad({ client: 'ct-none' })).toEqual([400, 'Bad request', 'Invalid client token'])
    expect(await bad({ client: 'ct-off' })).toEqual([401, 'Not authorized', 'Inactive client token'])
    expect(await bad({ secret: 'guess' })).toEqual([401, 'Not authorized', 'The signature does not match'])
    expect(await bad({ offsetSeconds: 45 })).toEqual([400, 'Bad request', 'Invalid timestamp'])
    expect(await bad({ offsetSeconds: -45 })).toEqual([400, 'Bad request', 'Invalid timestamp'])
  })

  it('is good once', async () => {
    expect((await api.call('GET', LIST, { nonce: 'once' })).status).toBe(200)
    expect(summary(await api.call('GET', LIST, { nonce: 'once' }))).toEqual([
      400,
      'Bad request',
      'Invalid nonce',
    ])
  })

  it('comes before everything else', async () => {
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['PATCH', LIST],
      ['POST', '/certrail/v1/accounts'],
      ['GET', '/certrail/v1/openapi.json'],
    ] as const)
      expect(summary(await api.call(method, path, { authorization: null }))[2]).toBe(
        'Authorization header missing',
      )
  })

  it('is told as the gateway tells it, secrets apart', async () => {
    const answer = await api.call('GET', LIST, { secret: 'guess' })
    const problem = bodyOf(answer)
    expect(problem.type).toBe('https://problems.luna.akamaiapis.net/-/pep-authn/deny')
    expect(problem).toMatchObject({
      status: 401,
      method: 'GET',
      clientIp: '127.0.0.1',
      serverIp: '127.0.0.1',
    })
    expect(problem.requestId).toBe(answer.headers['x-request-id'])
    expect(problem.requestTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const written = answer.text + JSON.stringify(api.logged)
    expect(written).not.toContain('secret of')
    expect(written).not.toContain('guess')
    expect(written).not.toContain('EG1-HMAC-SHA256')
  })
})

describe('the path', () => {
  it.each([
    ['/cps/v2/../v2/enrollments', 'The path holds a segment that points elsewhere.'],
    ['/cps/v2/%2e%2E/enrollments', 'The path holds a segment that points elsewhere.'],
    ['/cps/./v2/enrollments', 'The path holds a segment that points elsewhere.'],
    ['/cps//v2/enrollments', 'The path holds an empty segment.'],
    ['//cps/v2/enrollments', 'The path holds an empty segment.'],
    ['/cps%2Fv2/enrollments', 'The path holds an encoded slash.'],
    ['/cps/v2%5cenrollments', 'The path holds an encoded slash.'],
    ['/cps/v2/enrollments?contractId=%00', 'The request target holds an encoded NUL.'],
    ['/cps/v2/enrollments?a=\\b', 'The request target holds characters that no URL may hold.'],
    ['https://localhost/cps/v2/enrollments', 'The request target must be a path.'],
  ])('is refused before routing: %s', async (path, detail) => {
    expect(summary(await api.call('GET', path))).toEqual([400, 'Malformed request', detail])
  })

  it('may hold dots that point nowhere', async () => {
    expect(summary(await api.call('GET', '/cps/v2/a..b/...'))[0]).toBe(404)
  })

  it('tolerates queries that it does not know', async () => {
    expect((await api.call('GET', `${LIST}?unknown=1&contractId=C-1&x=%zz`)).status).toBe(200)
  })
})

describe('methods', () => {
  it('that a path does not have are 405 with Allow', async () => {
    const answer = await api.call('DELETE', LIST)
    expect(summary(answer)).toEqual([405, 'Method Not Allowed', 'DELETE is not available here.'])
    expect(answer.headers['allow']).toBe('POST, GET, HEAD')
    expect((await api.call('POST', '/certrail/v1/health', { authorization: null })).headers['allow']).toBe(
      'GET, HEAD',
    )
  })

  it('include HEAD wherever there is GET', async () => {
    const answer = await api.call('HEAD', LIST)
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect(answer.headers['content-type']).toBe('application/vnd.akamai.cps.enrollments.v12+json')
  })

  it('ignore Content-Type and body where none is due', async () => {
    const answer = await api.call('GET', LIST, {
      headers: { 'content-type': 'text/weird' },
      body: 'anything',
    })
    expect(answer.status).toBe(200)
  })

  it('that change things are not for read-only clients, and those for admins not for operators', async () => {
    const grant = [403, 'Forbidden', 'The client does not have the grant needed for the request']
    const body = '{"name":"x"}'
    expect(summary(await api.call('POST', `${LIST}?contractId=C-1`, { client: 'ct-reader', body }))).toEqual(
      grant,
    )
    expect((await api.call('GET', LIST, { client: 'ct-reader' })).status).toBe(200)
    expect(summary(await api.call('POST', '/certrail/v1/accounts', { body }))).toEqual(grant)
    expect(bodyOf(await api.call('POST', '/certrail/v1/accounts', { body })).authzRealm).toBe('id of ct-one')
  })
})

describe('what the HTTP parser refuses', () => {
  const HOST = 'Host: localhost\r\n'
  it.each([
    ['a method that is none', `FOO /cps/v2/enrollments HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a header above 16 kB', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    [
      'a length and chunks',
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
    ],
    ['a proxy request', `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a b/c@d\r\n\r\n', 400],
    ['a Host with a port that is none', 'GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n', 400],
    ['a Host that is no address', 'GET / HTTP/1.1\r\nHost: 1.2.3.4.5\r\n\r\n', 400],
    ['chunks that are none', `POST ${LIST} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 400],
  ])('is answered as a problem: %s', async (_, octets, status) => {
    const answer = await api.raw(octets)
    const [head, body] = answer.split('\r\n\r\n') as [string, string]
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head.toLowerCase()).toContain('content-type: application/problem+json')
    const id = /x-request-id: ([0-9a-f]{32})/i.exec(head)?.[1]
    expect(head.toLowerCase()).toContain('\r\ndate: ')
    expect(JSON.parse(body)).toMatchObject({ status })
    expect(JSON.parse(body).instance).toContain(id ?? 'an id')
  })
})

describe('faults', () => {
  it('show an id and nothing else, and stand in the log under it', async () => {
    api.fake.failNextWith(new Error('password=hunter2'))
    const answer = await api.call('POST', `${LIST}?contractId=C-1`, { body: JSON.stringify(ENROLLMENT) })
    api.fake.failNextWith(null)
    expect(summary(answer)).toEqual([500, 'Internal Server Error', undefined])
    expect(bodyOf(answer).type).toBe('internal_error')
    expect(answer.text).not.toContain('hunter2')
    const line = api.logged.find((entry) => entry.level === 'error')
    expect(line?.fields).toMatchObject({
      requestId: answer.headers['x-request-id'],
      err: { message: 'password=hunter2' },
    })
  })
})

describe('what is observed', () => {
  it('is the route by its pattern, never by what a stranger makes up', async () => {
    await api.call('GET', `${LIST}/77`)
    await api.call('GET', '/made/up')
    await expect
      .poll(() => api.observed.map((seen) => `${seen.method} ${seen.route} ${seen.status}`))
      .toEqual(expect.arrayContaining(['GET /cps/v2/enrollments/:enrollmentId 404', 'GET none 404']))
  })
})

describe('our own API', () => {
  it('is healthy without a signature, and ready when nothing is missing', async () => {
    const open = { authorization: null }
    expect(bodyOf(await api.call('GET', '/certrail/v1/health', open))).toEqual({ status: 'ok' })
    expect(bodyOf(await api.call('GET', '/certrail/v1/ready', open))).toEqual({ status: 'ok' })
    api.fake.lack(['staging edge'])
    const answer = await api.call('GET', '/certrail/v1/ready', open)
    api.fake.lack([])
    expect(summary(answer)).toEqual([503, 'Not ready', 'Missing: staging edge.'])
    expect(bodyOf(answer)).toMatchObject({
      missing: ['staging edge'],
      type: `https://${api.host}/certrail/v1/error-types/not-ready`,
    })
  })

  it('has a page at the root', async () => {
    const page = await api.call('GET', '/', { authorization: null })
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.text).toContain('<title>Certrail</title>')
  })

  it('tells the time', async () => {
    expect(bodyOf(await api.call('GET', '/certrail/v1/clock'))).toEqual({
      now: '2026-01-02T03:04:05Z',
      offsetSeconds: 60,
    })
  })

  it('makes accounts, contracts and clients for admins, and shows the secret as a section to paste', async () => {
    const admin = { client: 'ct-admin' }
    const account = await api.call('POST', '/certrail/v1/accounts', {
      ...admin,
      body: '{"name":"B","switchKey":"1-B:1-8BYUX"}',
    })
    expect([account.status, bodyOf(account)]).toEqual([
      201,
      { id: 'A-B', name: 'B', switchKey: '1-B:1-8BYUX' },
    ])
    const contract = await api.call('POST', '/certrail/v1/accounts/A-B/contracts', {
      ...admin,
      body: '{"id":"ctr_C-7"}',
    })
    expect([contract.status, bodyOf(contract)]).toEqual([201, { id: 'C-7' }])
    expect(bodyOf(await api.call('POST', '/certrail/v1/accounts/A-B/contracts', admin))).toEqual({
      id: 'A-B-C',
    })
    const client = await api.call('POST', '/certrail/v1/accounts/A-B/clients', {
      ...admin,
      body: '{"role":"operator","section":"ci"}',
    })
    expect(client.headers['cache-control']).toBe('no-store')
    const { clientToken } = bodyOf(client)
    expect(bodyOf(client).edgerc).toBe(
      `[ci]\nhost = ${api.host}\nclient_token = ${clientToken}\nclient_secret = made-up\naccess_token = at\n`,
    )
    const refused = await api.call('POST', '/certrail/v1/accounts/A-B/clients', {
      ...admin,
      body: '{"role":"king","section":"a]\\n[b"}',
    })
    expect(bodyOf(refused).errors.map((error: { field: string }) => error.field)).toEqual([
      '/role',
      '/section',
    ])
  })

  it('explains a change of the account and no other', async () => {
    const { e, c } = await created()
    const path = `/certrail/v1/enrollments/${e}/changes/${c}/explain`
    expect(bodyOf(await api.call('GET', path))).toMatchObject({
      change: { id: c, enrollmentId: e, status: 'coordinate-domain-validation', state: 'running' },
      until: '1970-01-01T00:00:01Z',
      moves: [{ who: 'anybody' }],
    })
    expect(summary(await api.call('GET', path, { client: 'ct-two' }))[0]).toBe(404)
  })

  it('describes both APIs from the routes and versions that it serves', async () => {
    const document = bodyOf(await api.call('GET', '/certrail/v1/openapi.json'))
    expect(document.openapi).toBe('3.1.0')
    const create = document.paths['/cps/v2/enrollments'].post
    expect(Object.keys(create.requestBody.content)).toContain('application/vnd.akamai.cps.enrollment.v4+json')
    expect(
      create.requestBody.content['application/vnd.akamai.cps.enrollment.v12+json'].schema.properties.csr,
    ).toBeDefined()
    expect(
      document.paths['/cps/v2/enrollments/{enrollmentId}/changes/{changeId}'].get.parameters.map(
        ({ name }: { name: string }) => name,
      ),
    ).toEqual(['enrollmentId', 'changeId', 'accountSwitchKey'])
    expect(document.paths['/certrail/v1/health'].get.security).toEqual([])
  })
})

describe('stopping', () => {
  it('ends waiters with what they have and event streams at once, and then is gone', async () => {
    const own = await startApi()
    const { e, c } = await created(own)
    const waiting = own.call('GET', `${LIST}/${e}/changes/${c}`, { headers: { prefer: 'wait=50' } })
    const streaming = own.call('GET', '/certrail/v1/events')
    await expect.poll(() => own.fake.calls.slice(-2).sort()).toEqual(['listening', 'waiting'])
    const startedAt = Date.now()
    await Promise.all([own.close(), own.close()])
    expect(Date.now() - startedAt).toBeLessThan(2_000)
    expect((await waiting).status).toBe(200)
    expect((await streaming).text).toBe(': connected\n\n')
    await expect(own.call('GET', LIST)).rejects.toThrow()
  })
})

describe('events', () => {
  it('go on after Last-Event-ID, and come while they happen', async () => {
    const own = await startApi()
    for (const id of [1, 2, 3]) own.fake.emit({ ...EVENT, id })
    let heard = ''
    const onText = (text: string): void => {
      heard += text
    }
    const stream = own.call('GET', '/certrail/v1/events', { headers: { 'last-event-id': '1' }, onText })
    await expect.poll(() => heard).toContain('id: 3\n')
    own.fake.emit({ ...EVENT, id: 4 })
    await expect
      .poll(() => heard)
      .toContain('id: 4\nevent: change\ndata: {"id":4,"at":"1970-01-01T00:00:00Z"')
    await own.close()
    expect((await stream).headers['content-type']).toBe('text/event-stream')
    expect([...heard.matchAll(/^id: (\d+)$/gm)].map((match) => match[1])).toEqual(['2', '3', '4'])
  })
})

const EVENT = {
  at: instant(0),
  enrollmentId: enrollmentId(1),
  changeId: changeId(2),
  event: 'started',
  status: 'generate-csr',
  state: 'running',
}

const ENROLLMENT = {
  ra: 'third-party',
  validationType: 'third-party',
  certificateType: 'third-party',
  changeManagement: true,
  enableMultiStackedCertificates: false,
  csr: { cn: 'x.example.com' },
  networkConfiguration: {
    geography: 'core',
    secureNetwork: 'enhanced-tls',
    sniOnly: true,
    quicEnabled: false,
  },
}

async function created(on: ApiUnderTest = api): Promise<{ e: number; c: number }> {
  const answer = await on.call('POST', `${LIST}?contractId=C-1`, { body: JSON.stringify(ENROLLMENT) })
  const [, e, c] = /(\d+)\/changes\/(\d+)/.exec(answer.text) as unknown as string[]
  return { e: Number(e), c: Number(c) }
}
