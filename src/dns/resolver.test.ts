import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet'
import { isIP } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createNodeRandom } from '../../test/support/node-random.ts'
import { createResolver, systemResolvers } from './resolver.ts'

interface Told {
  readonly answers?: readonly Answer[]
  readonly code?: number
  readonly isTruncated?: boolean
}
type Script = (name: string, type: string, count: number) => Told | null

const opened: (Socket | Server)[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

const replyTo = (message: Buffer, { answers = [], code = 0, isTruncated = false }: Told): Buffer => {
  const { id, questions } = decode(message)
  const flags = AUTHORITATIVE_ANSWER | code | (isTruncated ? TRUNCATED_RESPONSE : 0)
  return encode({ type: 'response', id: id ?? 0, flags, questions: questions ?? [], answers: [...answers] })
}

/** A server that says what the script says; null: silence. `mangle` alters every reply before it is sent. */
async function serve(script: Script, mangle = (reply: Buffer): readonly Buffer[] => [reply]) {
  const socket = createSocket('udp4')
  opened.push(socket)
  const asked: string[] = []
  socket.on('message', (message, peer) => {
    const { name = '', type = 'A' } = decode(message).questions?.[0] ?? {}
    asked.push(`${name} ${type}`)
    const told = script(name, type, asked.length)
    if (told === null) return
    for (const reply of mangle(replyTo(message, told))) socket.send(reply, peer.port, peer.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { server: { host: '127.0.0.1', port: socket.address().port }, asked }
}

const PORTS_TO_TRY = 20

/** A server over UDP that truncates everything, with `tcp` on the same port: one that is free over UDP may be taken over TCP. */
async function beside(tcp: Server) {
  for (let attempt = 1; ; attempt += 1) {
    const udp = await serve(() => ({ isTruncated: true }))
    tcp.listen(udp.server.port, '127.0.0.1')
    try {
      await once(tcp, 'listening')
      return udp
    } catch (error) {
      if (attempt === PORTS_TO_TRY) throw error
    }
  }
}

const resolverAt = (servers: readonly { host: string; port: number }[], timeoutMs = 3_000) =>
  createResolver({ servers, timeoutMs, random: createNodeRandom() })

const address = (name: string, data: string): Answer => ({ name, type: 'A', ttl: 5, data })
const alias = (name: string, data: string): Answer => ({ name, type: 'CNAME', ttl: 5, data })

/** What a forger would have us believe: the address stands at the end of the reply. */
function withAnotherAddress(reply: Buffer): Buffer {
  const forged = Buffer.from(reply)
  forged[forged.length - 1] = 66
  return forged
}

describe('the resolver', () => {
  it.each([
    [
      'records',
      { answers: [address('a.example', '192.0.2.1')] },
      { outcome: 'records', records: ['192.0.2.1'] },
    ],
    ['nodata', {}, { outcome: 'nodata', name: 'a.example' }],
    ['nxdomain', { code: 3 }, { outcome: 'nxdomain', name: 'a.example' }],
    ['servfail', { code: 2 }, { outcome: 'servfail', code: 'SERVFAIL' }],
    ['a refusal', { code: 5 }, { outcome: 'servfail', code: 'REFUSED' }],
  ])('tells %s', async (_, told, expected) => {
    const { server } = await serve(() => told as Told)
    expect(await resolverAt([server]).query('A.Example.', 'A')).toMatchObject(expected)
  })

  it('joins the character-strings of one TXT record, and keeps the records apart', async () => {
    const data = [Buffer.from('one'), Buffer.from('-two')]
    const { server } = await serve((name) => ({
      answers: [
        { name, type: 'TXT', data },
        { name, type: 'TXT', data: ['three'] },
      ],
    }))
    expect(await resolverAt([server]).query('t.example', 'TXT')).toMatchObject({
      records: ['one-two', 'three'],
    })
  })

  it('asks again when a datagram is lost', async () => {
    const { server, asked } = await serve((name, _, count) =>
      count === 1 ? null : { answers: [address(name, '192.0.2.1')] },
    )
    expect(await resolverAt([server], 600).query('a.example', 'A')).toMatchObject({ outcome: 'records' })
    expect(asked).toHaveLength(2)
  })

  it('asks the next server when one fails', async () => {
    const bad = await serve(() => ({ code: 2 }))
    const good = await serve((name) => ({ answers: [address(name, '192.0.2.1')] }))
    expect(await resolverAt([bad.server, good.server]).query('a.example', 'A')).toMatchObject({
      outcome: 'records',
    })
  })

  it('gives up on silence within its time, after three attempts', async () => {
    const { server, asked } = await serve(() => null)
    expect(await resolverAt([server], 150).query('a.example', 'A')).toEqual({ outcome: 'timeout' })
    expect(asked.length).toBeLessThanOrEqual(3)
  })

  it('ends with its signal, also with one that has already ended', async () => {
    const { server } = await serve(() => {
      controller.abort()
      return null
    })
    const controller = new AbortController()
    expect(await resolverAt([server], 60_000).query('a.example', 'A', controller.signal)).toEqual({
      outcome: 'timeout',
    })
    expect(await resolverAt([server], 60_000).query('a.example', 'A', AbortSignal.abort())).toEqual({
      outcome: 'timeout',
    })
  })

  it('says so at once when nothing listens at the server', async () => {
    const { server } = await serve(() => null)
    opened.pop()?.close()
    expect(await resolverAt([server], 60_000).query('a.example', 'A')).toMatchObject({ outcome: 'servfail' })
  })

  it.each([
    ['another id', (reply: Buffer) => (reply.writeUInt16BE(reply.readUInt16BE(0) ^ 1, 0), reply)],
    ['another question', (reply: Buffer) => reply.fill(0x62, 13, 14)],
    ['a query', (reply: Buffer) => (reply.writeUInt16BE(0, 2), reply)],
    ['garbage', () => Buffer.from('garbage')],
  ])('passes over %s and waits for its own reply', async (_, forge) => {
    const { server } = await serve(
      (name) => ({ answers: [address(name, '192.0.2.1')] }),
      (reply) => [forge(withAnotherAddress(reply)), reply],
    )
    expect(await resolverAt([server]).query('a.example', 'A')).toMatchObject({ records: ['192.0.2.1'] })
  })

  it('follows aliases within a reply and beyond it', async () => {
    const { server, asked } = await serve((name, _) =>
      name === 'a.example'
        ? { answers: [alias('a.example', 'B.example'), alias('b.example', 'c.example')] }
        : { answers: [address('c.example', '192.0.2.3')] },
    )
    expect(await resolverAt([server]).query('a.example', 'A')).toEqual({
      outcome: 'records',
      name: 'c.example',
      records: ['192.0.2.3'],
    })
    expect(asked).toEqual(['a.example A', 'c.example A'])
  })

  it.each([
    [
      'a loop in one reply',
      (name: string) => ({ answers: [alias(name, 'y.example'), alias('y.example', name)] }),
    ],
    [
      'a loop over replies',
      (name: string) => ({ answers: [alias(name, name === 'a.example' ? 'y.example' : 'a.example')] }),
    ],
    ['an endless chain', (name: string) => ({ answers: [alias(name, `x${name}`)] })],
    ['an alias that is no name', (name: string) => ({ answers: [alias(name, 'two words.example')] })],
  ])('ends %s', async (_, script) => {
    const { server, asked } = await serve(script)
    expect(await resolverAt([server]).query('a.example', 'A')).toMatchObject({ outcome: 'servfail' })
    expect(asked.length).toBeLessThanOrEqual(10)
  })

  it('does not take records of a name it did not ask for', async () => {
    const { server } = await serve(() => ({ answers: [address('bank.example', '192.0.2.66')] }))
    expect(await resolverAt([server]).query('a.example', 'A')).toMatchObject({ outcome: 'nodata' })
  })

  it('asks over TCP when the reply is truncated', async () => {
    const tcp = createServer((socket) => {
      socket.once('data', (chunk: Buffer) => {
        const reply = replyTo(chunk.subarray(2), { answers: [address('a.example', '192.0.2.9')] })
        socket.write(Buffer.from([reply.length >> 8]))
        socket.end(Buffer.concat([Buffer.from([reply.length & 255]), reply]))
      })
    })
    opened.push(tcp)
    const udp = await beside(tcp)
    expect(await resolverAt([udp.server]).query('a.example', 'A')).toMatchObject({ records: ['192.0.2.9'] })
  })

  it.each(['', 'a..example', `${'x'.repeat(64)}.example`, `${'abcdefg.'.repeat(32)}example`, 'a b.example'])(
    'does not ask for %j, which is no name',
    async (name) => {
      const { server, asked } = await serve(() => ({}))
      expect(await resolverAt([server]).query(name, 'A')).toMatchObject({ outcome: 'servfail' })
      expect(asked).toEqual([])
    },
  )

  it('reads the system’s servers as numeric addresses with ports', () => {
    for (const { host, port } of systemResolvers()) {
      expect(isIP(host)).toBeGreaterThan(0)
      expect(port).toBeGreaterThan(0)
    }
  })
})
