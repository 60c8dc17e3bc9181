import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  clientHelloBytes,
  getJson,
  handshake,
  openTcp,
  readToEnd,
} from '../../../test/support/edge-client.ts'
import { startEdge, type EdgeFixture } from '../../../test/support/edge-fixture.ts'
import {
  allNamesOf,
  edgeCertificateOf,
  generationOf,
  issueGeneration,
} from '../../../test/support/edge-generation.ts'
import {
  makeTestAuthority,
  type TestAuthority,
  type TestCertificate,
} from '../../../test/support/self-signed.ts'
import type { EdgeNetworkOptions } from './edge-network.ts'

const DECODE_ERROR = Buffer.from('15030100020232', 'hex')

let authority: TestAuthority
let certificate: TestCertificate
let edge: EdgeFixture

beforeAll(async () => {
  authority = await makeTestAuthority()
  certificate = await authority.issue(['*.example.com'])
})
afterEach(() => edge.network.close())

async function start(options: Partial<EdgeNetworkOptions> = {}): Promise<void> {
  edge = await startEdge(options)
  const generation = await issueGeneration(authority, ['a.example'])
  edge.network.put(generation)
  edge.network.assign(allNamesOf(generation))
}

/** Writes one byte at a time until the other side has had enough. */
function drip(socket: Socket, bytes: Uint8Array, everyMs: number): void {
  let at = 0
  const timer = setInterval(() => socket.write(Uint8Array.of(bytes[at++ % bytes.length] ?? 0)), everyMs)
  socket.once('close', () => clearInterval(timer))
}

async function answersStill(): Promise<void> {
  const tls = await handshake(edge.address, 'a.example')
  expect((await getJson(tls, 'a.example')).status).toBe(200)
  tls.destroy()
}

describe('a client that is slow', () => {
  it('may send its hello byte by byte', async () => {
    await start()
    const socket = await openTcp(edge.address)
    socket.setNoDelay(true)
    const hello = await clientHelloBytes('nobody.example')
    for (const byte of hello) await new Promise((done) => socket.write(Uint8Array.of(byte), done))
    expect((await readToEnd(socket)).toString('hex')).toBe('15030100020270')
  })

  it('is cut off when it says nothing', async () => {
    await start({ helloTimeoutMs: 50 })
    const socket = await openTcp(edge.address)
    expect(await readToEnd(socket)).toHaveLength(0)
    await edge.untilEnded('hello-timeout')
  })

  it('is cut off when its hello drips on past the time-out', async () => {
    await start({ helloTimeoutMs: 100 })
    const socket = await openTcp(edge.address)
    drip(socket, await clientHelloBytes('a.example'), 10)
    await readToEnd(socket)
    await edge.untilEnded('hello-timeout')
  })

  it('is cut off when it stops after its hello', async () => {
    await start({ handshakeTimeoutMs: 100 })
    const socket = await openTcp(edge.address)
    socket.write(await clientHelloBytes('a.example'))
    expect((await readToEnd(socket)).length).toBeGreaterThan(500)
    await edge.untilEnded('handshake-timeout')
  })

  it('is cut off when its request drips on past the time-out', async () => {
    await start({ idleTimeoutMs: 100 })
    const tls = await handshake(edge.address, 'a.example')
    drip(tls, Buffer.from(`GET / HTTP/1.1\r\nHost: a.example\r\nX: ${'x'.repeat(4_000)}`), 10)
    await readToEnd(tls)
    await edge.untilEnded('served')
  })

  it('is cut off when it is idle between two requests', async () => {
    await start({ idleTimeoutMs: 100 })
    const tls = await handshake(edge.address, 'a.example')
    await getJson(tls, 'a.example')
    await getJson(tls, 'a.example')
    await readToEnd(tls)
    await edge.untilEnded('served')
    expect(edge.network.status().connections).toBe(0)
  })
})

describe('a client that is hostile', () => {
  it.each([
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'), Buffer.alloc(0)],
    [
      'SSLv2',
      Buffer.from('802e0103010015000000100100800200800300800400800500800600', 'hex'),
      Buffer.alloc(0),
    ],
    ['a hello that lies about its length', Buffer.from('16030100060100000200ff', 'hex'), DECODE_ERROR],
    ['a hello that is too large', Buffer.from('160301010001004000', 'hex'), DECODE_ERROR],
  ])('gets nothing but the end, or an alert, for %s', async (_what, bytes, answer) => {
    await start()
    const socket = await openTcp(edge.address)
    socket.write(bytes)
    expect(await readToEnd(socket)).toEqual(answer)
    await edge.untilEnded('invalid-hello')
    await answersStill()
  })

  it('is read to the end of its flood after an alert, and cut off', async () => {
    await start()
    const socket = await openTcp(edge.address)
    socket.write(Buffer.concat([await clientHelloBytes('nobody.example'), Buffer.alloc(2_000_000, 0x17)]))
    expect((await readToEnd(socket)).toString('hex')).toBe('15030100020270')
    await edge.untilEnded('unknown-name')
  })

  it('may reset its connection at any moment', async () => {
    await start()
    const hello = await clientHelloBytes('a.example')
    for (const length of [0, 1, 100]) {
      const socket = await openTcp(edge.address)
      if (length > 0) await new Promise((done) => socket.write(hello.subarray(0, length), done))
      socket.resetAndDestroy()
    }
    const halfway = await openTcp(edge.address)
    halfway.write(hello)
    await once(halfway, 'data')
    halfway.resetAndDestroy()
    const tls = await handshake(edge.address, 'a.example')
    await getJson(tls, 'a.example')
    tls.write('GET / HTTP/1.1\r\n')
    tls.destroy()
    await edge.untilEnded('closed-before-hello', 3)
    await edge.untilEnded('handshake-failed')
    await edge.untilEnded('served')
    expect(edge.network.status().connections).toBe(0)
    await answersStill()
  })

  it('gets an alert and no page for garbage behind its hello', async () => {
    await start()
    const socket = await openTcp(edge.address)
    socket.write(
      Buffer.concat([
        await clientHelloBytes('a.example'),
        Buffer.from('160303000affffffffffffffffffff', 'hex'),
      ]),
    )
    await readToEnd(socket)
    await edge.untilEnded('handshake-failed')
    await answersStill()
  })

  it('gets 400 for what is not HTTP', async () => {
    await start()
    const tls = await handshake(edge.address, 'a.example')
    tls.write('\0\0\0\r\n\r\n')
    expect((await readToEnd(tls)).toString('latin1')).toMatch(/^HTTP\/1\.1 400 /)
    await answersStill()
  })
})

describe('contexts', () => {
  function putMany(count: number): void {
    const shared = edgeCertificateOf(certificate, authority.intermediatePem)
    for (let index = 0; index < count; index++) {
      const generation = generationOf([`n${index}.example.com`], [shared])
      edge.network.put(generation)
      edge.network.assign(allNamesOf(generation))
    }
  }

  async function visit(index: number): Promise<void> {
    const tls = await handshake(edge.address, `n${index}.example.com`)
    tls.destroy()
  }

  it('are built only for names that are asked for, among 10,000', async () => {
    await start()
    putMany(10_000)
    expect(edge.network.status()).toMatchObject({ generations: 10_001, names: 10_001, contexts: 0 })
    await visit(9_999)
    await visit(9_999)
    expect(edge.built()).toBe(1)
    expect(edge.network.status().contexts).toBe(1)
  })

  it('never number more than the limit; the one longest unused goes for one asked for twice, and its connections stay', async () => {
    await start({ contextLimit: 3 })
    putMany(10)
    const early = await handshake(edge.address, 'n0.example.com')
    for (let index = 1; index < 10; index++) await visit(index)
    expect(edge.network.status().contexts).toBe(3)
    expect([edge.built(), edge.evicted()]).toEqual([10, 0])
    await visit(9)
    expect([edge.built(), edge.evicted()]).toEqual([11, 1])
    expect((await getJson(early, 'n0.example.com')).status).toBe(200)
    await visit(9)
    expect(edge.built()).toBe(11)
    await visit(0)
    expect(edge.built()).toBe(12)
    early.destroy()
  })

  it('go with their generation', async () => {
    await start()
    putMany(1)
    await visit(0)
    const id = edge.network.servingOf('n0.example.com')?.id
    edge.network.assign(new Map([['n0.example.com', null]]))
    if (id !== undefined) edge.network.drop(id)
    expect(edge.network.status().contexts).toBe(0)
  })

  it('that cannot be built get internal_error, with a warning that holds no key, and are tried again', async () => {
    await start()
    const other = await authority.issue(['b.example'])
    let key: Uint8Array | null = null
    const open = (): Uint8Array => {
      if (key === null) throw new Error('sealed')
      return key
    }
    const generation = generationOf(
      ['b.example'],
      [{ ...edgeCertificateOf(other, authority.intermediatePem), privateKey: open }],
    )
    edge.network.put(generation)
    edge.network.assign(allNamesOf(generation))
    await expect(handshake(edge.address, 'b.example')).rejects.toThrow('SSL alert number 80')
    key = certificate.privateKey
    await expect(handshake(edge.address, 'b.example')).rejects.toThrow('SSL alert number 80')
    expect(edge.warnings).toMatchObject([
      { reason: 'sealed' },
      { reason: expect.stringMatching(/key values mismatch/) },
    ])
    key = other.privateKey
    const tls = await handshake(edge.address, 'b.example')
    tls.destroy()
    expect(edge.ended('key-unusable')).toBe(2)
  })

  it('leave the key that the caller gave as it was', async () => {
    await start()
    const before = Buffer.from(certificate.privateKey)
    putMany(1)
    await visit(0)
    expect(Buffer.from(certificate.privateKey)).toEqual(before)
  })
})

describe('close', () => {
  it('ends idle connections at once and cuts hanging ones, well before any time-out', async () => {
    await start({
      closeGraceMs: 600_000,
      helloTimeoutMs: 60_000,
      handshakeTimeoutMs: 60_000,
      idleTimeoutMs: 60_000,
    })
    const silent = await openTcp(edge.address)
    const halfHello = await openTcp(edge.address)
    halfHello.write((await clientHelloBytes('a.example')).subarray(0, 50))
    const idle = await Promise.all([1, 2, 3].map(() => handshake(edge.address, 'a.example')))
    await getJson(idle[0] as (typeof idle)[0], 'a.example')
    const ends = [silent, halfHello, ...idle].map((socket) => readToEnd(socket))
    await Promise.all([edge.network.close(), edge.network.close()])
    await Promise.all(ends)
    expect(edge.network.status().connections).toBe(0)
    await expect(openTcp(edge.address)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('waits for the grace at most when a handshake hangs', async () => {
    await start({ closeGraceMs: 50, handshakeTimeoutMs: 60_000 })
    const socket = await openTcp(edge.address)
    socket.write(await clientHelloBytes('a.example'))
    await once(socket, 'data')
    const end = readToEnd(socket)
    await edge.network.close()
    await end
    expect(edge.network.status().connections).toBe(0)
  })

  it('waits for the grace at most when a client does not answer the goodbye', async () => {
    await start({ closeGraceMs: 50 })
    const tls = await handshake(edge.address, 'a.example')
    tls.pause()
    await edge.network.close()
    expect(edge.network.status().connections).toBe(0)
    tls.destroy()
  })
})
