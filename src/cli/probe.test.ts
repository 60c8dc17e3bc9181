import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Server, createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../test/support/command-line.ts'
import { type FakeApi, startFakeApi } from '../../test/support/fake-api.ts'
import {
  COMPLETE,
  type FakeCpsOptions,
  createFakeCps,
  sampleEnrollment,
} from '../../test/support/fake-cps.ts'
import {
  type TestAuthority,
  type TestCertificate,
  makeTestAuthority,
} from '../../test/support/self-signed.ts'
import { DAY, instant, plus, toWireTime } from '../domain/time.ts'

const NAMES = ['www.example.com', '*.example.com']

describe('what is served', () => {
  let api: FakeApi
  let authority: TestAuthority
  let certificate: TestCertificate
  let server: Server
  let refusing: Server

  beforeAll(async () => {
    api = await startFakeApi()
    authority = await makeTestAuthority()
    certificate = await authority.issue(NAMES)
    server = await serve(certificate, authority)
    refusing = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(refusing, 'listening')
    writeFileSync(join(api.home, 'root.pem'), authority.rootPem)
    api.writeReady({ staging: addressOf(refusing), production: addressOf(server) })
  })
  afterAll(async () => {
    server.close()
    refusing.close()
    await api.close()
  })

  const cps = (options: Partial<FakeCpsOptions> = {}): void => {
    const production = deploymentOf(certificate)
    const enrollment = sampleEnrollment({ productionSlots: [7] })
    const defaults = { steps: [COMPLETE], enrollment, deployments: { staging: null, production } }
    api.answerWith(createFakeCps({ ...defaults, ...options }).handler)
  }
  const certrail = (...argv: string[]) => runCommandLine(argv, { home: api.home })
  const inDays = (days: number): string => toWireTime(plus(instant(Date.now()), days * DAY))

  it('is probed by a real handshake, and valid at lifecycle time', async () => {
    cps({ now: inDays(29) })
    const run = await certrail('probe', 'www.example.com', '--json')
    expect(run.json()).toMatchObject({
      network: 'production',
      served: true,
      valid: true,
      problems: [],
      handshake: {
        protocol: 'TLSv1.3',
        cipher: expect.stringMatching(/^TLS_/) as string,
        names: NAMES,
        serialNumber: certificate.serialNumber.toUpperCase(),
        fingerprint256: certificate.fingerprint,
        issuer: 'Test issuing',
      },
    })
    expect(run.exitCode).toBe(0)
  })

  it('is no longer valid when the lifecycle clock has passed its end', async () => {
    cps({ now: inDays(31) })
    const run = await certrail('probe', 'www.example.com')
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('served, but NOT valid')
    expect(run.stdout).toMatch(/^ {2}because +.+ expired at /m)
  })

  it('is judged by the real clock where the server has none of its own', async () => {
    cps()
    expect((await certrail('probe', 'www.example.com')).exitCode).toBe(0)
  })

  it('is probed for a wildcard by a name that only it covers', async () => {
    cps()
    expect((await certrail('probe', '*.example.com')).exitCode).toBe(0)
  })

  it('is not valid for a name that it does not cover', async () => {
    cps()
    const run = await certrail('probe', 'www.example.net')
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('does not cover the name')
  })

  it('is nothing where the handshake is refused', async () => {
    cps()
    const run = await certrail('probe', 'www.example.com', '--network', 'staging', '--json')
    expect(run.exitCode).toBe(1)
    expect(run.json()).toMatchObject({ served: false, valid: false, handshake: null })
  })

  it('deployed shows serial, expiry and names of each network, and that the handshake sees the same', async () => {
    cps()
    const run = await certrail('deployed', 'www.example.com')
    expect(run.exitCode).toBe(0)
    const [staging = '', production = ''] = run.stdout.split('\n').slice(3)
    expect(staging).toMatch(/^staging +- +nothing deployed +- +- +not served$/)
    expect(production).toContain(certificate.serialNumber.toUpperCase())
    expect(production).toMatch(/www\.example\.com, \*\.example\.com +this one, TLSv1\.3$/)
  })

  it('deployed finds an enrollment by any of its names, and ends with 1 when something else is served', async () => {
    const other = await authority.issue(NAMES)
    cps({ deployments: { staging: deploymentOf(certificate), production: deploymentOf(other) } })
    const run = await certrail('deployed', 'example.com', '--json')
    expect(run.exitCode).toBe(1)
    expect(run.json()).toMatchObject({
      networks: [
        { network: 'staging', agrees: false, seen: expect.stringMatching(/^NOT served/) as string },
        {
          network: 'production',
          agrees: false,
          seen: expect.stringMatching(/^another certificate, /) as string,
        },
      ],
    })
  })

  it('env prints the variables of the running sandbox', async () => {
    const run = await certrail('env', '--json')
    expect(run.json()).toMatchObject({ CERTRAIL_HOME: api.home, EDGERC: join(api.home, 'edgerc') })
    const warned = await runCommandLine(['env'], {
      home: api.home,
      environment: { AKAMAI_CLIENT_SECRET: 'hush' },
    })
    expect(warned.stdout).toContain(`export EDGERC='${join(api.home, 'edgerc')}'`)
    expect(warned.stderr).toContain('AKAMAI_CLIENT_SECRET')
    expect(warned.stderr).not.toContain('hush')
  })
})

it('env without a running sandbox refuses', async () => {
  expect(await runCommandLine(['env'], { home: '/nonexistent' })).toMatchObject({ exitCode: 1, stdout: '' })
})

const deploymentOf = (certificate: TestCertificate): unknown => ({
  primaryCertificate: {
    certificate: certificate.certificatePem,
    trustChain: null,
    signatureAlgorithm: 'SHA-256',
    expiry: '2030-01-01T00:00:00Z',
    keyAlgorithm: 'ECDSA',
  },
  multiStackedCertificates: [],
})

async function serve(certificate: TestCertificate, authority: TestAuthority): Promise<Server> {
  const key = createPrivateKey({ key: Buffer.from(certificate.privateKey), format: 'der', type: 'sec1' })
  const server = createServer({
    cert: `${certificate.certificatePem}\n${authority.intermediatePem}`,
    key: key.export({ format: 'pem', type: 'pkcs8' }),
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const addressOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`
