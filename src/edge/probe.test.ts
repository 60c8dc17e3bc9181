import { once } from 'node:events'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientHelloBytes } from '../../test/support/edge-client.ts'
import { createNodeRandom } from '../../test/support/node-random.ts'
import {
  makeTestAuthority,
  type TestAuthority,
  type TestCertificate,
} from '../../test/support/self-signed.ts'
import { createClientHelloReader } from './builtin/client-hello.ts'
import { fatalAlert } from './alerts.ts'
import { createProbe, type Probe, type ProbeTarget } from './probe.ts'

let authority: TestAuthority
let ecdsa: TestCertificate
let rsa: TestCertificate
let stranger: TestCertificate
let probe: Probe
const servers: Server[] = []
const sockets = new Set<Socket>()

beforeAll(async () => {
  authority = await makeTestAuthority()
  ecdsa = await authority.issue(['a.example'])
  rsa = await authority.issue(['a.example'], 'RSA')
  stranger = await authority.issue(['stranger.example'])
})
beforeEach(() => {
  probe = createProbe({ random: createNodeRandom() })
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function keyPem(certificate: TestCertificate): string {
  const label = certificate.keyAlgorithm === 'ECDSA' ? 'EC PRIVATE KEY' : 'RSA PRIVATE KEY'
  return `-----BEGIN ${label}-----\n${Buffer.from(certificate.privateKey).toString('base64')}\n-----END ${label}-----\n`
}

function tlsServer(chain: readonly string[], options: TlsOptions = {}): Server {
  const settings = { key: keyPem(ecdsa), cert: [ecdsa.certificatePem, ...chain].join('\n'), ...options }
  return createTlsServer(settings, (socket) => socket.on('error', () => {}).resume())
}

const target = (port: number, more: Partial<ProbeTarget> = {}): ProbeTarget => ({
  host: '127.0.0.1',
  port,
  serverName: 'a.example',
  timeoutMs: 5_000,
  ...more,
})

const refusal = (seen: string, more: object = {}) => ({
  code: 'edge-unreachable',
  members: expect.objectContaining({ seen, ...more }),
})

describe('a probe', () => {
  const suites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
  it.each([
    ...suites.map((cipher) => [cipher, { ciphers: cipher, minVersion: 'TLSv1.3' }] as const),
    [
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    ] as const,
  ])('reads chain, protocol and cipher of %s', async (cipher, options) => {
    const port = await listen(
      tlsServer([authority.intermediatePem], { ...options, ALPNProtocols: ['http/1.1'] }),
    )
    const seen = await probe(target(port))
    expect(seen).toMatchObject({
      address: '127.0.0.1',
      serverName: 'a.example',
      protocol: cipher.includes('_WITH_') ? 'TLSv1.2' : 'TLSv1.3',
      cipher,
      alpn: 'http/1.1',
      serialNumber: ecdsa.serialNumber,
      fingerprint: ecdsa.fingerprint,
    })
    expect(seen.certificates.map((der) => Buffer.from(der))).toEqual(
      [ecdsa.der, authority.intermediateDer].map((der) => Buffer.from(der)),
    )
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'shows over %s what was sent: strays, repetitions and order',
    async (version) => {
      const chain = [
        stranger.certificatePem,
        authority.rootPem,
        authority.intermediatePem,
        authority.intermediatePem,
      ]
      const port = await listen(tlsServer(chain, { minVersion: version, maxVersion: version }))
      const { certificates } = await probe(target(port))
      expect(certificates).toHaveLength(5)
      expect(Buffer.from(certificates[1] ?? [])).toEqual(Buffer.from(stranger.der))
      expect(Buffer.from(certificates[3] ?? [])).toEqual(Buffer.from(authority.intermediateDer))
      expect(Buffer.from(certificates[4] ?? [])).toEqual(Buffer.from(authority.intermediateDer))
    },
  )

  it('shows a missing intermediate, and reads a chain longer than one record', async () => {
    const bare = await listen(tlsServer([]))
    expect((await probe(target(bare))).certificates).toHaveLength(1)
    const long = await listen(tlsServer(new Array<string>(60).fill(authority.intermediatePem)))
    expect((await probe(target(long))).certificates).toHaveLength(61)
  })

  it('survives a retried hello (RFC 8446 section 4.1.4)', async () => {
    const port = await listen(tlsServer([authority.intermediatePem], { ecdhCurve: 'P-384' }))
    expect((await probe(target(port))).certificates).toHaveLength(2)
  })

  it('never offers a session, also when the server gave one', async () => {
    const offers: boolean[] = []
    const server = tlsServer([authority.intermediatePem])
    const front = createTcpServer((socket) => {
      const reader = createClientHelloReader()
      socket.once('data', (piece: Buffer) => {
        const reading = reader.push(piece)
        if (reading.kind === 'hello') offers.push(reading.hello.offersResumption)
        socket.pause()
        socket.unshift(piece)
        server.emit('connection', socket)
      })
    })
    const port = await listen(front)
    await probe(target(port))
    await probe(target(port))
    expect(offers).toEqual([false, false])
  })

  it('asks for the kind of key that it is told', async () => {
    const port = await listen(
      tlsServer([], {
        key: [keyPem(ecdsa), keyPem(rsa)],
        cert: [ecdsa.certificatePem, rsa.certificatePem],
      }),
    )
    expect((await probe(target(port, { keyAlgorithm: 'RSA' }))).serialNumber).toBe(rsa.serialNumber)
    expect((await probe(target(port, { keyAlgorithm: 'ECDSA' }))).serialNumber).toBe(ecdsa.serialNumber)
  })

  it('puts a random label in place of the star, and sends no address as a name', async () => {
    const names: (string | null)[] = []
    const server = createTcpServer((socket) => {
      socket.once('data', (piece: Buffer) => {
        const reading = createClientHelloReader().push(piece)
        if (reading.kind === 'hello') names.push(reading.hello.serverName)
        socket.end(fatalAlert('unrecognized_name'))
      })
    })
    const port = await listen(server)
    for (const serverName of ['*.example.com', '*.example.com', '127.0.0.1', null]) {
      await probe(target(port, { serverName })).catch(() => {})
    }
    expect(names[0]).toMatch(/^probe-[0-9a-f]{16}\.example\.com$/)
    expect(names[1]).toMatch(/^probe-[0-9a-f]{16}\.example\.com$/)
    expect(names[1]).not.toBe(names[0])
    expect(names.slice(2)).toEqual([null, null])
  })

  it('can run 200 times at once', async () => {
    const port = await listen(tlsServer([authority.intermediatePem]))
    const all = await Promise.all(
      Array.from({ length: 200 }, () => probe(target(port, { timeoutMs: 30_000 }))),
    )
    expect(new Set(all.map(({ fingerprint }) => fingerprint))).toEqual(new Set([ecdsa.fingerprint]))
  })
})

describe('a probe that fails says what it saw', () => {
  it('a refused connection', async () => {
    const port = await listen(createTcpServer())
    await new Promise((resolve) => servers.pop()?.close(resolve))
    await expect(probe(target(port))).rejects.toMatchObject(
      refusal('refused', { address: `127.0.0.1:${port}`, serverName: 'a.example' }),
    )
  })

  it.each(['unrecognized_name', 'handshake_failure', 'internal_error'] as const)(
    'the alert %s',
    async (alert) => {
      const port = await listen(createTcpServer((socket) => socket.end(fatalAlert(alert))))
      await expect(probe(target(port))).rejects.toMatchObject(refusal('alert', { alert }))
    },
  )

  it('silence after the connect, within the time-out', async () => {
    const port = await listen(createTcpServer())
    await expect(probe(target(port, { timeoutMs: 50 }))).rejects.toMatchObject(refusal('timeout'))
  })

  it('silence after half a handshake', async () => {
    const hello = await clientHelloBytes('a.example')
    const port = await listen(createTcpServer((socket) => void socket.write(hello.subarray(0, 5))))
    await expect(probe(target(port, { timeoutMs: 50 }))).rejects.toMatchObject(refusal('timeout'))
  })

  it('a closed connection', async () => {
    const port = await listen(createTcpServer((socket) => void socket.once('data', () => socket.end())))
    await expect(probe(target(port))).rejects.toMatchObject(refusal('closed'))
  })

  it('a reset connection', async () => {
    const port = await listen(
      createTcpServer((socket) => void socket.once('data', () => socket.resetAndDestroy())),
    )
    await expect(probe(target(port))).rejects.toMatchObject(refusal('closed'))
  })

  it('a server that does not speak TLS', async () => {
    const port = await listen(
      createTcpServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    await expect(probe(target(port))).rejects.toMatchObject(refusal('error'))
  })
})

describe('a probe that is aborted', () => {
  it('rejects with the reason of the signal, before and during the handshake', async () => {
    const reason = new Error('stopped')
    const port = await listen(createTcpServer())
    await expect(probe(target(port, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    const stop = new AbortController()
    const [server] = servers
    server?.once('connection', () => stop.abort(reason))
    await expect(probe(target(port, { signal: stop.signal }))).rejects.toBe(reason)
  })
})
