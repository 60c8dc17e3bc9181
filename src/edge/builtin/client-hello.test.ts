import { execFile } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captureFirstBytes, clientHelloBytes } from '../../../test/support/edge-client.ts'
import { CLIENT_HELLO_LIMIT_BYTES, createClientHelloReader, type ClientHelloReading } from './client-hello.ts'

interface HelloParts {
  readonly version?: number
  readonly sessionId?: readonly number[]
  readonly suites?: readonly number[]
  readonly compression?: readonly number[]
  readonly extensions?: readonly (readonly [type: number, data: readonly number[]])[] | null
  readonly trailing?: readonly number[]
}

const u16 = (value: number): number[] => [value >> 8, value & 255]
const vector8 = (data: readonly number[]): number[] => [data.length, ...data]
const vector16 = (data: readonly number[]): number[] => [...u16(data.length), ...data]
const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')]
const sni = (name: string): [number, number[]] => [0, vector16([0, ...vector16(ascii(name))])]

function message(parts: HelloParts = {}): number[] {
  const { extensions = [] } = parts
  const body = [
    ...u16(parts.version ?? 0x0303),
    ...Array.from({ length: 32 }, (_, index) => index),
    ...vector8(parts.sessionId ?? []),
    ...vector16(parts.suites ?? [0x13, 0x01]),
    ...vector8(parts.compression ?? [0]),
    ...(extensions === null
      ? []
      : vector16(extensions.flatMap(([type, data]) => [...u16(type), ...vector16(data)]))),
    ...(parts.trailing ?? []),
  ]
  return [1, 0, ...u16(body.length), ...body]
}

/** Cuts a handshake message into records of at most `size` bytes. */
function records(bytes: readonly number[], size = 16_384): Uint8Array {
  const pieces: number[] = []
  for (let at = 0; at < bytes.length; at += size)
    pieces.push(22, 3, 1, ...vector16(bytes.slice(at, at + size)))
  return Uint8Array.from(pieces)
}

function read(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]): ClientHelloReading {
  const reader = createClientHelloReader()
  let reading: ClientHelloReading = { kind: 'need-more' }
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1)
    reading = reader.push(bytes.subarray(at, at + size))
    at += size
  }
  return reading
}

const helloOf = (parts: HelloParts): ClientHelloReading => read(records(message(parts)))
const MALFORMED = { kind: 'invalid', fault: 'malformed' }

describe('hellos of real clients', () => {
  it('reads name, protocols and versions of Node', async () => {
    const bytes = await clientHelloBytes('WWW.Example.com', { ALPNProtocols: ['h2', 'http/1.1'] })
    expect(read(bytes)).toMatchObject({
      kind: 'hello',
      hello: {
        legacyVersion: 0x0303,
        serverName: 'www.example.com',
        alpnProtocols: ['h2', 'http/1.1'],
        supportedVersions: [0x0304, 0x0303],
        offersResumption: false,
      },
    })
  })

  it('reads a hello of TLS 1.2 alone, which lists no versions', async () => {
    const bytes = await clientHelloBytes('a.example', { maxVersion: 'TLSv1.2' })
    expect(read(bytes)).toMatchObject({
      kind: 'hello',
      hello: { serverName: 'a.example', supportedVersions: [] },
    })
  })

  it('reads a hello without a name', async () => {
    const bytes = await clientHelloBytes('')
    expect(read(bytes)).toMatchObject({ kind: 'hello', hello: { serverName: null } })
  })

  it('reads name and protocols of OpenSSL', async () => {
    const bytes = await captureFirstBytes((port) => {
      const options = ['-servername', 'o.example', '-alpn', 'acme-tls/1']
      const child = execFile('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...options], () => {})
      return () => child.kill()
    })
    expect(read(bytes)).toMatchObject({
      kind: 'hello',
      hello: { serverName: 'o.example', alpnProtocols: ['acme-tls/1'] },
    })
  })

  it('gives the same hello for every cut into pieces and records', async () => {
    const whole = await clientHelloBytes('www.example.com', { ALPNProtocols: ['http/1.1'] })
    const expected = read(whole)
    expect(expected.kind).toBe('hello')
    const pieceSizes = fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(pieceSizes, fc.integer({ min: 1, max: 600 }), (sizes, recordSize) => {
        expect(read(records([...whole.subarray(5)], recordSize), sizes)).toEqual(expected)
      }),
    )
    expect(read(records([...whole.subarray(5)], 1), [1])).toEqual(expected)
  })

  it('asks for more until the last byte', async () => {
    const whole = await clientHelloBytes('www.example.com')
    const reader = createClientHelloReader()
    for (const byte of whole.subarray(0, -1)) expect(reader.push(Uint8Array.of(byte)).kind).toBe('need-more')
    expect(reader.push(whole.subarray(-1)).kind).toBe('hello')
  })

  it('leaves what comes behind the hello alone, and keeps its answer', async () => {
    const whole = await clientHelloBytes('www.example.com')
    const reader = createClientHelloReader()
    const reading = reader.push(Buffer.concat([whole, Buffer.alloc(60_000, 0x17)]))
    expect(reading.kind).toBe('hello')
    expect(reader.push(Buffer.from('more'))).toBe(reading)
  })

  it('tells whether a session is offered', () => {
    expect(helloOf({ extensions: [[35, [1, 2]]] })).toMatchObject({ hello: { offersResumption: true } })
    expect(helloOf({ extensions: [[35, []]] })).toMatchObject({ hello: { offersResumption: false } })
    expect(helloOf({ extensions: [[41, [1]]] })).toMatchObject({ hello: { offersResumption: true } })
    expect(helloOf({ sessionId: [1] })).toMatchObject({ hello: { offersResumption: true } })
    expect(helloOf({ sessionId: [1], extensions: [[43, [2, 3, 4]]] })).toMatchObject({
      hello: { offersResumption: false },
    })
  })
})

describe('a hello as the RFCs write it', () => {
  it('may end before its extensions', () => {
    expect(helloOf({ extensions: null })).toMatchObject({
      kind: 'hello',
      hello: { serverName: null, alpnProtocols: [] },
    })
  })

  it('has its name in lower case and without the closing dot', () => {
    expect(helloOf({ extensions: [sni('A.Example.')] })).toMatchObject({ hello: { serverName: 'a.example' } })
  })

  const faults: readonly (readonly [string, HelloParts])[] = [
    [
      'names the same extension twice (RFC 8446 section 4.2)',
      { extensions: [sni('a.example'), sni('b.example')] },
    ],
    [
      'has two names in one list',
      { extensions: [[0, vector16([0, ...vector16(ascii('a')), 0, ...vector16(ascii('b'))])]] },
    ],
    ['has a name of an unknown type', { extensions: [[0, vector16([1, ...vector16(ascii('a'))])]] }],
    ['has an empty name', { extensions: [sni('')] }],
    ['has an empty server_name extension', { extensions: [[0, []]] }],
    ['has a name of 256 bytes', { extensions: [sni('a'.repeat(256))] }],
    ['has a NUL in its name', { extensions: [sni('a.example\0.evil')] }],
    ['has a blank in its name', { extensions: [sni('a example')] }],
    ['has a byte beyond ASCII in its name', { extensions: [sni('caf\u00e9.example')] }],
    ['has a name list that is longer than its extension', { extensions: [[0, [0, 9, 0, 0, 1, 97]]] }],
    ['has bytes behind its name list', { extensions: [[0, [...vector16([0, ...vector16([97])]), 0]]] }],
    ['has an empty list of protocols', { extensions: [[16, [0, 0]]] }],
    ['has an empty protocol', { extensions: [[16, vector16([0])]] }],
    ['has an odd list of versions', { extensions: [[43, vector8([3, 4, 3])]] }],
    ['has an empty list of versions', { extensions: [[43, [0]]] }],
    ['has bytes behind its extensions', { trailing: [0] }],
    ['has no cipher suite', { suites: [] }],
    ['has an odd list of cipher suites', { suites: [0x13, 1, 0] }],
    ['has no compression method', { compression: [] }],
    ['has a session id of 33 bytes', { sessionId: new Array<number>(33).fill(1) }],
    ['is of a major version other than 3', { version: 0x0403 }],
  ]
  it.each(faults)('is refused when it %s', (_what, parts) => {
    expect(helloOf(parts)).toEqual(MALFORMED)
  })

  it('is refused when a length inside says more than there is', () => {
    const bytes = message({ extensions: [sni('a.example')] })
    for (const at of [4 + 2 + 32, 4 + 2 + 32 + 1, 4 + 2 + 32 + 1 + 4, 4 + 2 + 32 + 1 + 4 + 2]) {
      const lying = bytes.with(at, 0xff)
      expect(read(records(lying))).toEqual(MALFORMED)
    }
  })
})

describe('what is no hello', () => {
  const NOT_TLS = { kind: 'invalid', fault: 'not-tls' }
  it.each([
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a hello of SSLv2', Buffer.from([0x80, 0x2e, 0x01, 0x03, 0x01, 0x00, 0x15])],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
    ['a record of SSLv2 numbering', Buffer.from([22, 2, 0, 0, 1])],
    ['an alert', Buffer.from([21, 3, 3, 0, 2, 2, 40])],
  ])('%s is told from TLS by its first bytes', (_what, bytes) => {
    expect(read(bytes)).toEqual(NOT_TLS)
    expect(read(bytes.subarray(0, 2))).toEqual(NOT_TLS)
  })

  it('is another handshake message, known by its first byte', () => {
    expect(read(Uint8Array.of(22, 3, 1, 0, 50, 2))).toEqual(MALFORMED)
  })

  it('is a record without content (RFC 8446 section 5.1)', () => {
    expect(read(Uint8Array.of(22, 3, 1, 0, 0))).toEqual(MALFORMED)
  })

  it('is a record of more than 2^14 bytes', () => {
    expect(read(Uint8Array.of(22, 3, 1, 0x40, 1))).toEqual(MALFORMED)
  })

  it('is a hello with another record in its middle', () => {
    const cut = records(message({ extensions: [sni('a.example')] }), 20)
    const mixed = Buffer.concat([cut.subarray(0, 25), Buffer.from([20, 3, 3, 0, 1, 1]), cut.subarray(25)])
    expect(read(mixed)).toEqual(MALFORMED)
  })

  it('is a hello with another message right behind it in the same record', () => {
    expect(read(records([...message(), ...message()]))).toEqual(MALFORMED)
  })

  it('is too large as soon as its length says so', () => {
    expect(read(Uint8Array.of(22, 3, 1, 1, 0, 1, 0, 0x40, 0))).toEqual({
      kind: 'invalid',
      fault: 'too-large',
    })
  })

  it('is too large when record headers alone fill the limit', () => {
    const bytes = records(message({ extensions: [[21, new Array<number>(4_000).fill(0)]] }), 1)
    expect(bytes.length).toBeGreaterThan(CLIENT_HELLO_LIMIT_BYTES)
    expect(read(bytes, [7])).toEqual({ kind: 'invalid', fault: 'too-large' })
  })
})

describe('hostile input', () => {
  const pieceSizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })

  it('of any bytes never throws, and never needs more than the limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), pieceSizes, (bytes, sizes) => {
        expect(['need-more', 'hello', 'invalid']).toContain(read(bytes, sizes).kind)
        const framed = records([1, 0, ...u16(bytes.length), ...bytes], 100)
        expect(['hello', 'invalid']).toContain(read(framed, sizes).kind)
      }),
      { numRuns: 500 },
    )
    expect(read(records(new Array<number>(20_000).fill(1))).kind).toBe('invalid')
  })

  it('made of a real hello by a few changed bytes never throws and gives one answer whatever the pieces', async () => {
    const whole = await clientHelloBytes('www.example.com', { ALPNProtocols: ['h2', 'http/1.1'] })
    const changes = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(changes, pieceSizes, (changed, sizes) => {
        const bytes = Uint8Array.from(whole)
        for (const [at, value] of changed) bytes[at] = value
        expect(read(bytes, sizes)).toEqual(read(bytes))
      }),
      { numRuns: 1_000 },
    )
  })

  it('cut off anywhere is never taken for a hello', async () => {
    const whole = await clientHelloBytes('www.example.com')
    for (let length = 0; length < whole.length; length++) {
      expect(read(whole.subarray(0, length)).kind).toBe('need-more')
    }
  })
})
