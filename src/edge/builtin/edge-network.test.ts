import { once } from 'node:events'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ask,
  clientHelloBytes,
  getJson,
  handshake,
  openTcp,
  opensslClient,
  readToEnd,
} from '../../../test/support/edge-client.ts'
import { startEdge, type EdgeFixture } from '../../../test/support/edge-fixture.ts'
import {
  allNamesOf,
  edgeCertificateOf,
  generationOf,
  issueGeneration,
} from '../../../test/support/edge-generation.ts'
import { makeTestAuthority, type TestAuthority } from '../../../test/support/self-signed.ts'
import { deploymentId } from '../../domain/identifiers.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'

const UNRECOGNIZED_NAME = Buffer.from('15030100020270', 'hex')

let authority: TestAuthority
let edge: EdgeFixture
const open: TLSSocket[] = []

beforeAll(async () => {
  authority = await makeTestAuthority()
})
beforeEach(async () => {
  edge = await startEdge()
})
afterEach(async () => {
  for (const tls of open.splice(0)) tls.destroy()
  await edge.network.close()
})

async function serve(...names: string[]): Promise<EdgeGeneration> {
  const generation = await issueGeneration(authority, names)
  edge.network.put(generation)
  edge.network.assign(allNamesOf(generation))
  return generation
}

async function connect(name: string, options: Parameters<typeof handshake>[2] = {}): Promise<TLSSocket> {
  const tls = await handshake(edge.address, name, options)
  open.push(tls)
  return tls
}

const serialSeen = (tls: TLSSocket): string => tls.getPeerCertificate().serialNumber.toLowerCase()
const serialOf = (generation: EdgeGeneration): string | undefined => generation.certificates[0]?.serialNumber
const serialFor = async (name: string): Promise<string> => serialSeen(await connect(name))
const refusal = { code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' }

describe('which certificate answers', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is the one of the name, with its chain, over %s',
    async (version) => {
      const first = await serve('a.example')
      const second = await serve('b.example', 'c.example')
      const trust = {
        ca: authority.rootPem,
        rejectUnauthorized: true,
        minVersion: version,
        maxVersion: version,
      }
      const tls = await connect('c.example', trust)
      expect(tls.authorized).toBe(true)
      expect(tls.getProtocol()).toBe(version)
      expect(serialSeen(tls)).toBe(serialOf(second))
      expect(await serialFor('a.example')).toBe(serialOf(first))
    },
  )

  it('is found whatever the case of the name', async () => {
    const generation = await serve('a.example')
    expect(await serialFor('A.ExAmPlE')).toBe(serialOf(generation))
  })

  it('is the exact name before the wildcard, and the wildcard for one label only', async () => {
    const wildcard = await serve('*.example.com')
    const exact = await serve('www.example.com')
    expect(await serialFor('www.example.com')).toBe(serialOf(exact))
    expect(await serialFor('api.example.com')).toBe(serialOf(wildcard))
    await expect(connect('a.b.example.com')).rejects.toMatchObject(refusal)
    await expect(connect('example.com')).rejects.toMatchObject(refusal)
    await expect(connect('*.example.com')).rejects.toMatchObject(refusal)
  })

  it('falls back to the wildcard when the exact name is taken back', async () => {
    const wildcard = await serve('*.example.com')
    const exact = await serve('www.example.com')
    edge.network.assign(new Map([['www.example.com', null]]))
    edge.network.drop(exact.id)
    expect(await serialFor('www.example.com')).toBe(serialOf(wildcard))
  })

  it('fits the client where a name has an RSA and an ECDSA one', async () => {
    const certificates = [
      await authority.issue(['d.example'], 'RSA'),
      await authority.issue(['d.example'], 'ECDSA'),
    ]
    const generation = generationOf(
      ['d.example'],
      certificates.map((certificate) => edgeCertificateOf(certificate, authority.intermediatePem)),
    )
    edge.network.put(generation)
    edge.network.assign(allNamesOf(generation))
    const trust = { ca: authority.rootPem, rejectUnauthorized: true }
    const rsa = await connect('d.example', { ...trust, sigalgs: 'RSA-PSS+SHA256:RSA+SHA256' })
    const ecdsa = await connect('d.example', { ...trust, sigalgs: 'ECDSA+SHA256' })
    expect(serialSeen(rsa)).toBe(certificates[0]?.serialNumber)
    expect(serialSeen(ecdsa)).toBe(certificates[1]?.serialNumber)
    expect(JSON.parse((await getJson(rsa, 'd.example')).body)).toMatchObject({
      serialNumber: certificates[0]?.serialNumber,
    })
    expect(edge.built()).toBe(1)
  })

  it('is decided at the hello: an update holds from the next one on, and open connections go on', async () => {
    const old = await serve('a.example')
    const before = await connect('a.example')
    const renewed = await serve('a.example')
    expect(await serialFor('a.example')).toBe(serialOf(renewed))
    edge.network.drop(old.id)
    expect(JSON.parse((await getJson(before, 'a.example')).body)).toMatchObject({ deployment: old.id })
  })
})

describe('assign', () => {
  it('changes nothing when one of the deployments was never put', async () => {
    const old = await serve('a.example')
    const next = await issueGeneration(authority, ['a.example'])
    edge.network.put(next)
    const names = new Map([
      ['a.example', next.id],
      ['b.example', deploymentId('never put')],
    ])
    expect(() => edge.network.assign(names)).toThrow(Problem)
    expect(edge.network.servingOf('a.example')?.id).toBe(old.id)
    expect(edge.network.servingOf('b.example')).toBeNull()
  })

  it('refuses to drop what still serves a name, and drops it afterwards', async () => {
    const generation = await serve('a.example')
    expect(() => edge.network.drop(generation.id)).toThrow('still serves 1 names')
    edge.network.assign(new Map([['a.example', null]]))
    edge.network.drop(generation.id)
    edge.network.drop(generation.id)
    expect(edge.network.status()).toMatchObject({ generations: 0, names: 0 })
  })

  it('counts a name once however often it is assigned', async () => {
    const generation = await serve('a.example')
    edge.network.put(generation)
    edge.network.assign(allNamesOf(generation))
    expect(edge.network.status()).toMatchObject({ generations: 1, names: 1 })
    edge.network.assign(new Map([['a.example', null]]))
    edge.network.assign(new Map([['a.example', null]]))
    edge.network.drop(generation.id)
    expect(edge.network.status()).toMatchObject({ generations: 0, names: 0 })
  })

  it('refuses a generation of the other network', async () => {
    const generation = await issueGeneration(authority, ['a.example'], 'production')
    expect(() => edge.network.put(generation)).toThrow(Problem)
  })
})

describe('a name that nobody serves', () => {
  it('gets the alert unrecognized_name, as OpenSSL reads it', async () => {
    await serve('a.example')
    const output = await opensslClient(edge.address, ['-servername', 'nobody.example'])
    expect(output).toMatch(/unrecognized name/)
    expect(output).toMatch(/SSL alert number 112/)
  })

  it('gets it as Node reads it', async () => {
    await expect(connect('nobody.example')).rejects.toMatchObject(refusal)
    await edge.untilEnded('unknown-name')
  })

  it('and a hello without a name get it as raw bytes, and the end', async () => {
    await serve('a.example')
    for (const name of ['nobody.example', '']) {
      const socket = await openTcp(edge.address)
      socket.write(await clientHelloBytes(name))
      expect(await readToEnd(socket)).toEqual(UNRECOGNIZED_NAME)
    }
    await edge.untilEnded('missing-name')
    expect(await opensslClient(edge.address, ['-noservername'])).toMatch(/SSL alert number 112/)
  })

  it('and a protocol that nobody speaks get an alert, not a page', async () => {
    await serve('a.example')
    const tls = connectTls({
      ...edge.address,
      servername: 'a.example',
      rejectUnauthorized: false,
      ALPNProtocols: ['smtp'],
    })
    const [error] = await once(tls, 'error')
    expect(String(error)).toMatch(/SSL alert number 120/)
    await edge.untilEnded('handshake-failed')
  })
})

describe('the page', () => {
  it('says in JSON which enrollment, serial number and network answered', async () => {
    const generation = await serve('a.example')
    const answer = await getJson(await connect('a.example'), 'a.example:8443')
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatch(/^content-type: application\/json$/im)
    expect(JSON.parse(answer.body)).toEqual({
      name: 'a.example',
      network: 'staging',
      enrollment: 10_001,
      deployment: generation.id,
      serialNumber: serialOf(generation),
    })
  })

  it('says it to people as well, and says the name that was asked for where a wildcard answered', async () => {
    const generation = await serve('*.example.com')
    const answer = await ask(await connect('shop.example.com'), [
      'GET /any/path HTTP/1.1',
      'Host: shop.example.com',
    ])
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatch(/^content-type: text\/html; charset=utf-8$/im)
    for (const text of ['shop.example.com', 'staging', '10001', generation.id, serialOf(generation)]) {
      expect(answer.body).toContain(text)
    }
  })

  it('answers another Host on the same connection with 421 (RFC 9110 section 15.5.20), and goes on', async () => {
    await serve('a.example')
    await serve('b.example')
    const tls = await connect('a.example')
    expect((await getJson(tls, 'b.example')).status).toBe(421)
    expect((await getJson(tls, 'A.Example')).status).toBe(200)
  })

  it('takes HEAD, and refuses other methods with 405', async () => {
    await serve('a.example')
    const answer = await ask(await connect('a.example'), [
      'POST / HTTP/1.1',
      'Host: a.example',
      'Content-Length: 5',
      '',
      'hello',
    ])
    expect(answer.status).toBe(405)
    expect(answer.headers).toMatch(/^allow: GET, HEAD$/im)
    const tls = await connect('a.example')
    tls.end('HEAD / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n')
    const head = (await readToEnd(tls)).toString('latin1')
    expect(head).toMatch(/^HTTP\/1\.1 200 /)
    expect(head).toMatch(/\r\n\r\n$/)
  })

  it('shows nothing as markup', async () => {
    await serve('a.example')
    await serve('*.example.com')
    const tls = await connect('<img>&.example.com')
    const answer = await ask(tls, ['GET / HTTP/1.1', 'Host: <img>&.example.com'])
    expect(answer.body).not.toContain('<img>')
  })
})
