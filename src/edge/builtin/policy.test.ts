import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import type { ConnectionOptions, SecureVersion, TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask, getJson, handshake, sessionFrom } from '../../../test/support/edge-client.ts'
import { startEdge, type EdgeFixture } from '../../../test/support/edge-fixture.ts'
import {
  allNamesOf,
  edgeCertificateOf,
  generationOf,
  issueGeneration,
} from '../../../test/support/edge-generation.ts'
import { makeTestAuthority, type TestAuthority } from '../../../test/support/self-signed.ts'
import type { NetworkConfiguration } from '../../domain/enrollment/enrollment.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'

let authority: TestAuthority
let edge: EdgeFixture

beforeAll(async () => {
  authority = await makeTestAuthority()
})
beforeEach(async () => {
  edge = await startEdge()
})
afterEach(() => edge.network.close())

function put(generation: EdgeGeneration): void {
  edge.network.put(generation)
  edge.network.assign(allNamesOf(generation))
}

async function serve(name: string, settings: Partial<NetworkConfiguration>): Promise<void> {
  put(await issueGeneration(authority, [name], 'staging', settings))
}

const only = (version: SecureVersion): ConnectionOptions => ({ minVersion: version, maxVersion: version })

async function agreed(name: string, options: ConnectionOptions): Promise<string> {
  const tls = await handshake(edge.address, name, options)
  const protocol = `${tls.getProtocol()} ${tls.getCipher().name}`
  tls.destroy()
  return protocol
}

describe('versions are those of the name that is asked for', () => {
  beforeEach(async () => {
    await serve('modern.example', { disallowedTlsVersions: ['TLSv1', 'TLSv1_1', 'TLSv1_2'] })
    await serve('older.example', { disallowedTlsVersions: ['TLSv1', 'TLSv1_1', 'TLSv1_3'] })
  })

  it('1.3 alone where 1.2 is disallowed', async () => {
    expect(await agreed('modern.example', {})).toMatch(/^TLSv1.3 /)
    await expect(handshake(edge.address, 'modern.example', only('TLSv1.2'))).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    })
  })

  it('1.2 alone where 1.3 is disallowed', async () => {
    expect(await agreed('older.example', {})).toMatch(/^TLSv1.2 /)
    await expect(handshake(edge.address, 'older.example', only('TLSv1.3'))).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    })
  })
})

describe('ciphers are those of the profile', () => {
  const cbc = { ...only('TLSv1.2'), ciphers: 'ECDHE-ECDSA-AES128-SHA' }

  it('a client with CBC alone is refused by a modern profile and served by a broad one', async () => {
    await serve('modern.example', {
      mustHaveCiphers: 'ak-akamai-2020q1',
      preferredCiphers: 'ak-akamai-2020q1',
    })
    await serve('broad.example', { mustHaveCiphers: 'ak-akamai-pfs', preferredCiphers: 'ak-akamai-2020q1' })
    await expect(handshake(edge.address, 'modern.example', cbc)).rejects.toThrow()
    expect(await agreed('broad.example', cbc)).toBe('TLSv1.2 ECDHE-ECDSA-AES128-SHA')
  })

  it('the order is the server’s', async () => {
    await serve('a.example', { mustHaveCiphers: 'ak-akamai-2020q1' })
    const offered = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384'
    expect(await agreed('a.example', { ...only('TLSv1.2'), ciphers: offered })).toBe(
      'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384',
    )
  })

  it('without ChaCha20 means without it in TLS 1.3 as well', async () => {
    const profile = 'ak-akamai-2020q1-without-chacha20poly1305'
    await serve('a.example', { mustHaveCiphers: profile, preferredCiphers: profile })
    const chacha = { ...only('TLSv1.3'), ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }
    await expect(handshake(edge.address, 'a.example', chacha)).rejects.toThrow()
    expect(await agreed('a.example', only('TLSv1.3'))).toBe('TLSv1.3 TLS_AES_256_GCM_SHA384')
  })

  it('a client that can verify RSA alone gets the RSA certificate of a dual stack, with an RSA cipher', async () => {
    const both = [await authority.issue(['d.example'], 'ECDSA'), await authority.issue(['d.example'], 'RSA')]
    const certificates = both.map((one) => edgeCertificateOf(one, authority.intermediatePem))
    put(generationOf(['d.example'], certificates))
    const rsa = await handshake(edge.address, 'd.example', {
      ...only('TLSv1.2'),
      ciphers: 'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256',
    })
    expect(rsa.getPeerX509Certificate()?.serialNumber.toLowerCase()).toBe(both[1]?.serialNumber)
    rsa.destroy()
  })

  it('FIPS mode refuses a client that insists on X25519', async () => {
    await serve('a.example', { fipsMode: true })
    await expect(handshake(edge.address, 'a.example', { ecdhCurve: 'X25519' })).rejects.toThrow()
    expect(await agreed('a.example', { ecdhCurve: 'P-256' })).toMatch(/AES/)
  })
})

describe('HTTP/2 (RFC 9113)', () => {
  async function request(headers: Record<string, string>): Promise<{ status: number; body: string }> {
    const tls = await handshake(edge.address, 'a.example', { ALPNProtocols: ['h2', 'http/1.1'] })
    expect(tls.alpnProtocol).toBe('h2')
    const session = connectHttp2('https://a.example', { createConnection: () => tls })
    try {
      const stream = session.request({ ':authority': 'a.example', accept: 'application/json', ...headers })
      stream.end()
      const [answer] = (await once(stream, 'response')) as [{ ':status': number }]
      let body = ''
      for await (const piece of stream) body += String(piece)
      return { status: answer[':status'], body }
    } finally {
      session.close()
    }
  }

  beforeEach(() => serve('a.example', {}))

  it('answers with the page', async () => {
    const { status, body } = await request({})
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ name: 'a.example', network: 'staging' })
  })

  it('answers HEAD without a body', async () => {
    expect(await request({ ':method': 'HEAD' })).toEqual({ status: 200, body: '' })
  })

  it('refuses other methods', async () => {
    expect((await request({ ':method': 'POST' })).status).toBe(405)
  })

  it('refuses the authority of another name with 421 (RFC 9110 section 15.5.20)', async () => {
    expect((await request({ ':authority': 'b.example' })).status).toBe(421)
  })

  it('is not forced on a client that speaks HTTP/1.1', async () => {
    const tls = await handshake(edge.address, 'a.example', { ALPNProtocols: ['http/1.1'] })
    expect(tls.alpnProtocol).toBe('http/1.1')
    expect((await getJson(tls, 'a.example')).status).toBe(200)
    expect((await ask(tls, ['GET / HTTP/1.1', 'Host: b.example'])).status).toBe(421)
    tls.destroy()
  })

  it('closes with the network, whether idle or not', async () => {
    const tls = await handshake(edge.address, 'a.example', { ALPNProtocols: ['h2'] })
    const session = connectHttp2('https://a.example', { createConnection: () => tls })
    session.on('error', () => {})
    await once(session, 'remoteSettings')
    const closed = once(session, 'close')
    await edge.network.close()
    await closed
  })
})

/** CVE-2025-23419 and its kind: a session that one policy gave must be worth nothing under another. */
describe('a session never crosses from one policy to another', () => {
  const CLASSES: Readonly<Record<string, Partial<NetworkConfiguration>>> = {
    'plain.example': {},
    'modern.example': { disallowedTlsVersions: ['TLSv1', 'TLSv1_1', 'TLSv1_2'] },
    'older.example': { disallowedTlsVersions: ['TLSv1', 'TLSv1_1', 'TLSv1_3'] },
    'fips.example': { fipsMode: true },
    'broad.example': { mustHaveCiphers: 'ak-soft-errors' },
  }
  const names = Object.keys(CLASSES)
  const speaks = (name: string, version: 'TLSv1.2' | 'TLSv1.3') =>
    CLASSES[name]?.disallowedTlsVersions?.includes(version.replace('.', '_')) !== true
  const pairs = names.flatMap((from) =>
    names.flatMap((to) =>
      (['TLSv1.2', 'TLSv1.3'] as const)
        .filter((version) => from !== to && speaks(from, version) && speaks(to, version))
        .map((version) => [from, to, version] as const),
    ),
  )

  it.each(pairs)('from %s to %s, %s', async (from, to, version) => {
    await serve(from, CLASSES[from] ?? {})
    await serve(to, CLASSES[to] ?? {})
    const session = await sessionFrom(edge.address, from, version)
    const tls: TLSSocket = await handshake(edge.address, to, { ...only(version), session })
    expect((await getJson(tls, to)).status).toBe(200)
    expect(tls.isSessionReused()).toBe(false)
    tls.destroy()
  })
})
