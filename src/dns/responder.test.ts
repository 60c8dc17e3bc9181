import { createSocket } from 'node:dgram'
import { promises as dns } from 'node:dns'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Answer, decode, encode, type OptAnswer } from 'dns-packet'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PublishedNames } from '../ports/published-names.ts'
import { createDnsResponder, type DnsResponder, type DnsResponderOptions } from './responder.ts'
import type { RecordSource } from './record-source.ts'

const ENROLLED = ['www.one.example', 'two.example', '*.two.example']
const LONG = 'x'.repeat(600)
const TEXTS: Record<string, readonly string[]> = {
  '_acme-challenge.two.example': ['apex-value', 'wildcard-value'],
  '_acme-challenge.www.one.example': [LONG],
  '_acme-challenge.many.two.example': Array.from({ length: 40 }, (_, index) => `${index}-${'v'.repeat(40)}`),
}
const names: PublishedNames = {
  httpChallenge: async () => null,
  textRecords: async (owner) => TEXTS[owner] ?? [],
  isAboveEnrolled: async () => false,
  enrolledAmong: async (asked) =>
    new Set(asked.filter((it) => ENROLLED.includes(it) || ENROLLED.includes(it.replace(/^[^.]+/, '*')))),
}
const warnings: string[] = []
const log = {
  warn: (_: object, message: string) => void warnings.push(message),
} as unknown as DnsResponderOptions['log']

let responder: DnsResponder
let client: dns.Resolver

const start = (more: Partial<DnsResponderOptions> = {}) =>
  createDnsResponder({
    listen: { hosts: ['127.0.0.1'], port: 0 },
    names,
    addresses: ['127.0.0.1', '::1'],
    log,
    ...more,
  })

beforeEach(async () => {
  warnings.length = 0
  responder = await start()
  client = clientOf(responder)
})
afterEach(() => responder.close())

/** c-ares: a client that knows nothing of ours. */
function clientOf({ port }: DnsResponder): dns.Resolver {
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  return resolver
}

interface Asked {
  readonly id?: number
  readonly flags?: number
  readonly edns?: Partial<OptAnswer>
}

function question(name: string, type: string, { id = 7, flags = 0, edns }: Asked = {}): Buffer {
  const option = {
    name: '.',
    type: 'OPT',
    udpPayloadSize: 4096,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    options: [],
  }
  const additionals = edns === undefined ? [] : [{ ...option, ...edns } as unknown as Answer]
  return encode({ type: 'query', id, flags, questions: [{ name, type: type as 'A' }], additionals })
}

/** Sends datagrams and gives the first reply, which for what must stay unanswered is that to the last one. */
async function askRaw(...messages: Buffer[]): Promise<Buffer> {
  const socket = createSocket('udp4')
  try {
    for (const message of messages) socket.send(message, responder.port, '127.0.0.1')
    const [reply] = (await once(socket, 'message')) as [Buffer]
    return reply
  } finally {
    socket.close()
  }
}

const codeOf = (reply: Buffer): number => reply.readUInt16BE(2) & 0xf

describe('the responder, asked by c-ares', () => {
  it('answers A and AAAA of enrolled names with the addresses of the edges', async () => {
    expect(await client.resolve4('www.one.example')).toEqual(['127.0.0.1'])
    expect(await client.resolve6('www.one.example')).toEqual(['::1'])
    expect(await client.resolve4('any.two.example', { ttl: true })).toEqual([
      { address: '127.0.0.1', ttl: 5 },
    ])
  })

  it('answers several TXT values at one name: apex and wildcard', async () => {
    const records = await client.resolveTxt('_acme-challenge.two.example')
    expect(new Set(records.flat())).toEqual(new Set(['apex-value', 'wildcard-value']))
  })

  it('cuts a TXT value over 255 octets into character-strings that join to it', async () => {
    const [strings] = await client.resolveTxt('_acme-challenge.www.one.example')
    expect(strings?.map((it) => it.length)).toEqual([255, 255, 90])
    expect(strings?.join('')).toBe(LONG)
  })

  it('comes back over TCP when the answer is too large for UDP', async () => {
    expect(await client.resolveTxt('_acme-challenge.many.two.example')).toHaveLength(40)
  })

  it('answers SOA and NS at the apex alone', async () => {
    expect(await client.resolveSoa('two.example')).toMatchObject({ nsname: 'ns.certrail.invalid', minttl: 5 })
    expect(await client.resolveNs('two.example')).toEqual(['ns.certrail.invalid'])
    await expect(client.resolveNs('any.two.example')).rejects.toMatchObject({ code: 'ENODATA' })
  })

  it.each([
    ['a name without such a record', 'www.one.example', 'CAA', 'ENODATA'],
    ['a name that does not exist', 'nothing.www.one.example', 'A', 'ENOTFOUND'],
    ['a challenge that is not published', '_acme-challenge.any.two.example', 'TXT', 'ENOTFOUND'],
    ['a parent that nobody enrolled', 'one.example', 'A', 'EREFUSED'],
    ['a name that is not ours', 'www.elsewhere.test', 'A', 'EREFUSED'],
  ])('tells %s apart', async (_, name, type, code) => {
    await expect(client.resolve(name, type)).rejects.toMatchObject({ code })
  })
})

describe('the responder, octet by octet', () => {
  it('repeats the question in the letters it was asked in (0x20)', async () => {
    const packet = decode(await askRaw(question('wWw.OnE.eXamPle', 'A', { id: 4711 })))
    expect(packet).toMatchObject({ id: 4711, flag_aa: true, flag_qr: true })
    expect(packet.questions?.[0]?.name).toBe('wWw.OnE.eXamPle')
    expect(packet.answers).toMatchObject([{ name: 'wWw.OnE.eXamPle', type: 'A', data: '127.0.0.1' }])
  })

  it.each([
    ['nodata', 'two.example', 'CAA', 0],
    ['nxdomain', 'a.b.two.example', 'A', 3],
  ])('puts the SOA into the authority section of %s (RFC 2308)', async (_, name, type, code) => {
    const reply = await askRaw(question(name, type))
    expect(codeOf(reply)).toBe(code)
    expect(decode(reply)).toMatchObject({ answers: [], authorities: [{ type: 'SOA', name: 'two.example' }] })
  })

  it('says TC within 512 octets without EDNS, and answers whole when the asker takes more', async () => {
    const plain = await askRaw(question('_acme-challenge.www.one.example', 'TXT'))
    expect(plain.length).toBeLessThanOrEqual(512)
    expect(decode(plain)).toMatchObject({ flag_tc: true, answers: [] })
    const large = decode(await askRaw(question('_acme-challenge.www.one.example', 'TXT', { edns: {} })))
    expect(large).toMatchObject({ flag_tc: false, answers: [{ type: 'TXT' }] })
    expect(large.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }])
  })

  it('passes over EDNS options it does not know and refuses a version it does not speak (BADVERS)', async () => {
    const cookie = { options: [{ code: 10, data: Buffer.alloc(8) }] } as unknown as Partial<OptAnswer>
    expect(decode(await askRaw(question('two.example', 'SOA', { edns: cookie }))).answers).toHaveLength(1)
    const reply = await askRaw(question('two.example', 'SOA', { edns: { ednsVersion: 1 } }))
    expect(codeOf(reply)).toBe(0)
    expect(decode(reply)).toMatchObject({ answers: [], additionals: [{ extendedRcode: 1 }] })
  })

  it.each(['AXFR', 'IXFR'])('refuses %s', async (type) => {
    const reply = await askRaw(question('two.example', type))
    expect([codeOf(reply), decode(reply).answers]).toEqual([5, []])
  })

  it('answers ANY with one small record (RFC 8482)', async () => {
    expect(decode(await askRaw(question('two.example', 'ANY'))).answers).toMatchObject([{ type: 'HINFO' }])
  })

  it.each([1, 2, 4, 5])('answers opcode %i with NOTIMP', async (opcode) => {
    expect(codeOf(await askRaw(question('two.example', 'SOA', { flags: opcode << 11 })))).toBe(4)
  })

  it('refuses other classes', async () => {
    const chaos = question('version.bind', 'TXT')
    chaos.writeUInt16BE(3, chaos.length - 2)
    expect(codeOf(await askRaw(chaos))).toBe(5)
  })

  it.each([
    ['no question', Buffer.from('000100000000000000000000', 'hex')],
    ['a count without its question', Buffer.from('000100000001000000000000', 'hex')],
    ['two questions', Buffer.from('0001000000020000000000000161000001000101620000010001', 'hex')],
    ['a name that points at itself', Buffer.from('000100000001000000000000c00c00010001', 'hex')],
    ['a label that runs out of the message', Buffer.from('0001000000010000000000003f61', 'hex')],
    [
      'a count of additionals that are not there',
      Buffer.from('0001000000010000000000ff01610000010001', 'hex'),
    ],
  ])('answers %s with FORMERR', async (_, message) => {
    expect(codeOf(await askRaw(message))).toBe(1)
  })

  it('does not read a dot inside a label as two labels', async () => {
    const header = Buffer.from('000100000001000000000000', 'hex')
    const oneLabel = Buffer.concat([
      Buffer.from([11]),
      Buffer.from('two.example'),
      Buffer.from([0, 0, 1, 0, 1]),
    ])
    expect(codeOf(await askRaw(Buffer.concat([header, oneLabel])))).toBe(5)
  })

  it('leaves responses and scraps unanswered', async () => {
    const response = question('two.example', 'SOA', { id: 1 })
    response.writeUInt16BE(0x8000, 2)
    const reply = await askRaw(
      Buffer.alloc(0),
      Buffer.from([1, 2, 3]),
      response,
      question('two.example', 'SOA', { id: 9 }),
    )
    expect(decode(reply).id).toBe(9)
  })

  it('survives any datagram', async () => {
    const whole = question('_acme-challenge.two.example', 'TXT', { edns: {} })
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc
        .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 })
        .map((changes) =>
          changes.reduce(
            (message, [at, octet]) => (message.set([octet], at), message),
            Uint8Array.from(whole),
          ),
        ),
    )
    await fc.assert(
      fc.asyncProperty(hostile, async (octets) => {
        const marker = question('two.example', 'SOA', { id: 0xbeef })
        const socket = createSocket('udp4')
        socket.send(octets, responder.port, '127.0.0.1')
        socket.send(marker, responder.port, '127.0.0.1')
        for (let isAlive = false; !isAlive; ) {
          const [reply] = (await once(socket, 'message')) as [Buffer]
          isAlive = reply.readUInt16BE(0) === 0xbeef
        }
        socket.close()
      }),
      { numRuns: 200 },
    )
    expect(warnings).toEqual([])
  })
})

describe('the responder over TCP', () => {
  const prefixed = (message: Buffer): Buffer =>
    Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message])

  async function open(): Promise<Socket> {
    const socket = connect(responder.port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }

  async function readAll(socket: Socket): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  }

  it('answers queries that arrive together, in their order, after the asker has ended', async () => {
    const socket = await open()
    socket.end(Buffer.concat([1, 2, 3].map((id) => prefixed(question('two.example', 'SOA', { id })))))
    let rest = await readAll(socket)
    const ids: number[] = []
    while (rest.length > 0) {
      ids.push(rest.readUInt16BE(2))
      rest = rest.subarray(2 + rest.readUInt16BE(0))
    }
    expect(ids).toEqual([1, 2, 3])
  })

  it('answers a query that arrives octet by octet', async () => {
    const socket = await open()
    socket.setNoDelay(true)
    for (const octet of prefixed(question('two.example', 'SOA', { id: 5 })))
      socket.write(Buffer.from([octet]))
    socket.end()
    expect((await readAll(socket)).readUInt16BE(2)).toBe(5)
  })

  it('ends a connection that announces more than a query can be', async () => {
    const socket = await open()
    socket.write(Buffer.from([0xff, 0xff, 0]))
    await once(socket, 'close')
  })

  it('ends a connection whose query does not come, however it dribbles', async () => {
    await responder.close()
    responder = await start({ limits: { tcpExchangeTimeoutMs: 50 } })
    const [silent, dribbling] = await Promise.all([open(), open()])
    dribbling.write(Buffer.from([0, 40, 1]))
    dribbling.on('error', () => undefined)
    await Promise.all([once(silent, 'close'), once(dribbling, 'close')])
  })

  it('takes no more connections than its limit', async () => {
    await responder.close()
    responder = await start({ limits: { tcpConnections: 1 } })
    const first = await open()
    first.write(prefixed(question('two.example', 'SOA')))
    await once(first, 'data')
    const second = connect(responder.port, '127.0.0.1')
    second.on('error', () => undefined)
    await once(second, 'close')
    first.destroy()
  })
})

describe('the life of a responder', () => {
  it('has one port for UDP and TCP on every host, and passes over a host that the machine lacks where that may be', async () => {
    const wide = await start({
      listen: { hosts: ['127.0.0.1', '203.0.113.7'], port: 0, passOverMissing: true },
    })
    expect(wide.hosts).toEqual(['127.0.0.1'])
    await wide.close()
    await expect(start({ listen: { hosts: ['127.0.0.1', '203.0.113.7'], port: 0 } })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    })
  })

  it('refuses a port that is taken', async () => {
    await expect(start({ listen: { hosts: ['127.0.0.1'], port: responder.port } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })

  it('answers SERVFAIL when its source fails, and logs that', async () => {
    const failing: RecordSource = { lookup: async () => Promise.reject(new Error('out of order')) }
    const broken = await start({ zones: [failing] })
    await expect(clientOf(broken).resolve4('two.example')).rejects.toMatchObject({ code: 'ESERVFAIL' })
    expect(warnings).toHaveLength(1)
    await broken.close()
  })

  it('asks the zones first, and the published names for what they do not have', async () => {
    const zone = {
      apex: 'user.example',
      nameServer: 'ns.user.example',
      mailbox: 'root.user.example',
      serial: 3,
      ttlSeconds: 60,
    }
    const kept: RecordSource = {
      lookup: async (name, type) =>
        name !== 'user.example' || type !== 'MX'
          ? null
          : {
              outcome: 'records',
              zone,
              records: [{ name, type, ttl: 60, data: { preference: 5, exchange: 'mx.user.example' } }],
            },
    }
    const both = await start({ zones: [kept] })
    expect(await clientOf(both).resolveMx('user.example')).toEqual([
      { priority: 5, exchange: 'mx.user.example' },
    ])
    expect(await clientOf(both).resolve4('two.example')).toEqual(['127.0.0.1'])
    await both.close()
  })

  it('closes with connections open, and twice', async () => {
    const socket = connect(responder.port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    await Promise.all([responder.close(), responder.close(), once(socket, 'close')])
  })
})
