import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PublishedNames } from '../ports/published-names.ts'
import { createPlainHttp, type PlainHttp, type PlainHttpOptions } from './plain.ts'

const CHALLENGE = '/.well-known/acme-challenge/'
const LIST = Uint8Array.from([0x30, 0x03, 0x02, 0x01, 0xff])
const warnings: string[] = []
const asked: string[] = []
const names: PublishedNames = {
  httpChallenge: async (host, token) => {
    asked.push(`${host} ${token}`)
    return host === 'www.one.example' && token === 'token-1' ? 'token-1.thumb' : null
  },
  textRecords: async () => [],
  isAboveEnrolled: async () => false,
  enrolledAmong: async () => new Set(),
}

let plain: PlainHttp
const start = (more: Partial<PlainHttpOptions> = {}) =>
  createPlainHttp({
    listen: { hosts: ['127.0.0.1'], port: 0 },
    names,
    authorityFiles: async (name) =>
      name === 'sandbox-root.crl' ? { contentType: 'application/pkix-crl', body: LIST } : null,
    productionPort: () => 9443,
    log: { warn: (_, message) => void warnings.push(message) },
    ...more,
  })

beforeEach(async () => {
  warnings.length = 0
  asked.length = 0
  plain = await start()
})
afterEach(() => plain.close())

/** One raw exchange on a connection of its own. */
async function raw(text: string, at = plain): Promise<string> {
  const socket = connect(at.port, '127.0.0.1')
  socket.end(text)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

interface Seen {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function ask(target: string, host = 'www.one.example', method = 'GET'): Promise<Seen> {
  const text = await raw(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  const [line = '', ...fields] = head.split('\r\n')
  const headers = Object.fromEntries(
    fields.map((it) => [it.split(': ', 1)[0]?.toLowerCase(), it.slice(it.indexOf(': ') + 2)]),
  )
  return { status: Number(line.split(' ')[1]), headers, body }
}

describe('challenges on the plain port', () => {
  it('answers with exactly the octets of the key authorization (RFC 8555 section 8.3)', async () => {
    const { status, headers, body } = await ask(`${CHALLENGE}token-1`)
    expect([status, headers['content-type'], headers['content-length'], body]).toEqual([
      200,
      'text/plain',
      '13',
      'token-1.thumb',
    ])
  })

  it.each(['www.one.example:8080', 'WWW.One.Example', 'www.one.example.'])(
    'knows the host as %s',
    async (host) => {
      expect((await ask(`${CHALLENGE}token-1`, host)).status).toBe(200)
    },
  )

  it('answers HEAD without the body', async () => {
    const { status, headers, body } = await ask(`${CHALLENGE}token-1`, 'www.one.example', 'HEAD')
    expect([status, headers['content-length'], body]).toEqual([200, '13', ''])
  })

  it.each([
    ['another token', 'token-2', 'www.one.example'],
    ['another host', 'token-1', 'www.two.example'],
  ])('answers %s with a plain problem', async (_, token, host) => {
    const { status, headers, body } = await ask(CHALLENGE + token, host)
    expect([status, headers['content-type']]).toEqual([404, 'application/problem+json'])
    expect(JSON.parse(body)).toEqual({ type: 'about:blank', title: 'Not Found', status: 404 })
  })

  it.each(['', 'a/b', '..%2f', 'a.b', 'x'.repeat(300)])('asks nobody for the token %j', async (token) => {
    expect((await ask(CHALLENGE + token)).status).toBe(404)
    expect(asked).toEqual([])
  })
})

describe('what certificates point at', () => {
  it('answers the file with its type', async () => {
    const { status, headers, body } = await ask('/ca/sandbox-root.crl', '127.0.0.1:8080')
    expect([status, headers['content-type']]).toEqual([200, 'application/pkix-crl'])
    expect(Buffer.from(body, 'latin1')).toEqual(Buffer.from(LIST))
  })

  it('answers 404 for a file there is not', async () => {
    expect((await ask('/ca/other.cer')).status).toBe(404)
  })
})

describe('everything else', () => {
  it.each([
    ['/', 'www.one.example', 'https://www.one.example:9443/'],
    [
      '/a//b/../c?x=%20&y=/ca/z.crl',
      'www.one.example:8080',
      'https://www.one.example:9443/a//b/../c?x=%20&y=/ca/z.crl',
    ],
    ['//elsewhere.test/', 'www.one.example', 'https://www.one.example:9443//elsewhere.test/'],
    ['/ca/readme.txt', '[::1]:8080', 'https://[::1]:9443/ca/readme.txt'],
    ['/.well-known/acme-challenge', '127.0.0.1', 'https://127.0.0.1:9443/.well-known/acme-challenge'],
  ])('redirects %s at %s to the production port', async (target, host, location) => {
    const { status, headers } = await ask(target, host)
    expect([status, headers['location']]).toEqual([308, location])
  })

  it('leaves the port out when it is that of https', async () => {
    const live = await start({ productionPort: () => 443 })
    const text = await raw('GET /a HTTP/1.1\r\nHost: www.one.example\r\nConnection: close\r\n\r\n', live)
    expect(text).toContain('Location: https://www.one.example/a\r\n')
    await live.close()
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])(
    'refuses %s and says what is allowed',
    async (method) => {
      const { status, headers } = await ask(`${CHALLENGE}token-1`, 'www.one.example', method)
      expect([status, headers['allow']]).toEqual([405, 'GET, HEAD'])
    },
  )
})

describe('hostile requests', () => {
  it.each([
    ['without a host', 'GET / HTTP/1.1\r\n\r\n'],
    ['with two hosts', 'GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n'],
    ['with a host that carries a path', 'GET / HTTP/1.1\r\nHost: a.example/x\r\n\r\n'],
    ['with a host that carries credentials', 'GET / HTTP/1.1\r\nHost: a@b.example\r\n\r\n'],
    ['with a host of dots', 'GET / HTTP/1.1\r\nHost: a..example\r\n\r\n'],
    ['with a broken IPv6 host', 'GET / HTTP/1.1\r\nHost: [:::::]\r\n\r\n'],
    ['with a carriage return in the host', 'GET / HTTP/1.1\r\nHost: a.example\rSet-Cookie: x\r\n\r\n'],
    ['with a host of 300 letters', `GET / HTTP/1.1\r\nHost: ${'a'.repeat(300)}\r\n\r\n`],
    ['in absolute form', 'GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n'],
    ['as a proxy', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n'],
    ['that are no HTTP', '\x16\x03\x01\x02\x00\x01\r\n\r\n'],
  ])('%s are 400, and nothing of them comes back', async (_, text) => {
    const answer = await raw(text)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.toLowerCase()).not.toMatch(/set-cookie|location:|a\.example/)
  })

  it('with more header than is read are 431', async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: a.example\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('with a body are answered, and the connection ends instead of reading it', async () => {
    const socket = connect(plain.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      `GET ${CHALLENGE}token-1 HTTP/1.1\r\nHost: www.one.example\r\nContent-Length: 1000000\r\n\r\nx`,
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close\r\n/)
    socket.resume()
    await once(socket, 'close')
  })

  it('that never end their header are ended', async () => {
    const hasty = await start({ limits: { headersTimeoutMs: 50 } })
    const socket = connect(hasty.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: a')
    socket.resume()
    await once(socket, 'close')
    await hasty.close()
  })

  it('learn nothing of a fault', async () => {
    const failing: PublishedNames = {
      ...names,
      httpChallenge: async () => Promise.reject(new Error('password=hunter2')),
    }
    const broken = await start({ names: failing })
    const answer = await raw(
      `GET ${CHALLENGE}t HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`,
      broken,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 500 /)
    expect(answer).not.toContain('hunter2')
    expect(warnings).toHaveLength(1)
    await broken.close()
  })
})

describe('the life of the plain port', () => {
  it('counts its answers by kind', async () => {
    const counted: string[] = []
    const metered = await start({
      metrics: { answered: (kind, status) => void counted.push(`${kind} ${status}`) },
    })
    for (const target of [`${CHALLENGE}token-1`, '/ca/sandbox-root.crl', '/', `${CHALLENGE}no`]) {
      await raw(`GET ${target} HTTP/1.1\r\nHost: www.one.example\r\nConnection: close\r\n\r\n`, metered)
    }
    expect(counted).toEqual(['challenge 200', 'authority-file 200', 'redirect 308', 'refused 404'])
    await metered.close()
  })

  it('closes at once with idle connections kept alive, and twice', async () => {
    const patient = await start({ limits: { keepAliveTimeoutMs: 600_000, stopGraceMs: 600_000 } })
    const agent = new Agent({ keepAlive: true })
    const sent = request({ port: patient.port, host: '127.0.0.1', path: '/', agent }).end()
    const [response] = await once(sent, 'response')
    response.resume()
    await once(response, 'end')
    await Promise.all([patient.close(), patient.close()])
    agent.destroy()
  })

  it('lets what is being answered end, and then the connection with it', async () => {
    let found = (_: string): void => undefined
    let isAsked = (): void => undefined
    const reached = new Promise<void>((resolve) => (isAsked = resolve))
    const late: PublishedNames = {
      ...names,
      httpChallenge: () => (isAsked(), new Promise((resolve) => (found = resolve))),
    }
    const limits = { keepAliveTimeoutMs: 600_000, stopGraceMs: 600_000 }
    const slow = await start({ names: late, limits })
    const socket = connect(slow.port, '127.0.0.1')
    socket.write(`GET ${CHALLENGE}t HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    await reached
    const closed = slow.close()
    found('t.thumb')
    const [octets] = (await once(socket, 'data')) as [Buffer]
    expect(octets.toString('latin1')).toMatch(/^HTTP\/1\.1 200 [^]*t\.thumb$/)
    await closed
  })

  it('cuts off what is still being answered after its grace', async () => {
    let isAsked = (): void => undefined
    const reached = new Promise<void>((resolve) => (isAsked = resolve))
    const stuck: PublishedNames = { ...names, httpChallenge: () => (isAsked(), new Promise(() => undefined)) }
    const slow = await start({ names: stuck, limits: { stopGraceMs: 20 } })
    const socket = connect(slow.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`GET ${CHALLENGE}t HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    await reached
    await slow.close()
  })

  it('passes over a host that the machine lacks only when that may be', async () => {
    const hosts = ['127.0.0.1', '203.0.113.7']
    const wide = await start({ listen: { hosts, port: 0, passOverMissing: true } })
    expect(wide.port).toBeGreaterThan(0)
    await wide.close()
    await expect(start({ listen: { hosts, port: 0 } })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  })
})
