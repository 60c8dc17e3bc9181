import { createServer, type Server } from 'node:https'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testLeaf, testRoot } from '../../../test/support/test-certificates.ts'
import { instant } from '../../domain/time.ts'
import { toPem } from '../../pki/pem.ts'
import { privateKeyPem } from '../../pki/private-key.ts'
import { createAcmeSend } from './send.ts'
import { createAcmeServer } from './server.ts'

const at = instant(Date.now())
const root = testRoot({ cn: 'root', at })
const leaf = testLeaf(root, { cn: 'localhost', at })
const trustedPem = toPem('CERTIFICATE', root.der)
const signal = new AbortController().signal

describe('what is sent to a CA is bounded', () => {
  let server: Server
  let base: string
  const sends: { close(): void }[] = []
  const sender = (options: Partial<Parameters<typeof createAcmeSend>[0]> = {}) => {
    const send = createAcmeSend({ trustedPem, allows: () => true, ...options })
    sends.push(send)
    return send
  }

  beforeAll(async () => {
    const tls = { cert: toPem('CERTIFICATE', leaf.der), key: privateKeyPem(leaf.key) }
    server = createServer(tls, (request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: 'https://localhost:1/' }).end()
      else if (request.url === '/huge') response.end(Buffer.alloc(1_000_000))
      else if (request.url !== '/never') response.end('here')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    base = `https://localhost:${typeof address === 'object' ? address?.port : 0}`
  })
  afterAll(() => {
    for (const send of sends) send.close()
    server.closeAllConnections()
    server.close()
  })

  it('in size', async () => {
    await expect(sender()({ method: 'GET', url: `${base}/huge` }, signal)).rejects.toMatchObject({
      code: 'authority-refused',
      message: expect.stringContaining('more than 262144 octets'),
    })
  })

  it('in time', async () => {
    const asked = sender({ timeoutMs: 50 })({ method: 'GET', url: `${base}/never` }, signal)
    await expect(asked).rejects.toMatchObject({ code: 'authority-unavailable' })
  })

  it('in where it leads: no redirect is followed, no address outside the rule connected to', async () => {
    expect((await sender()({ method: 'GET', url: `${base}/redirect` }, signal)).status).toBe(302)
    const strict = sender({ allows: () => false })
    for (const url of [base, 'https://127.0.0.1:9/', 'https://[::1]:9/'])
      await expect(strict({ method: 'GET', url }, signal)).rejects.toMatchObject({
        code: 'authority-refused',
      })
    await expect(strict({ method: 'GET', url: 'http://localhost/' }, signal)).rejects.toThrow(
      'no ACME server',
    )
  })

  it('in whom it trusts: another root is not enough', async () => {
    const other = sender({ trustedPem: toPem('CERTIFICATE', testRoot({ cn: 'other', at }).der) })
    await expect(other({ method: 'GET', url: base }, signal)).rejects.toMatchObject({
      code: 'authority-unavailable',
    })
  })

  it('by whoever stops', async () => {
    const stop = new AbortController()
    const asked = sender()({ method: 'GET', url: `${base}/never` }, stop.signal)
    stop.abort()
    await expect(asked).rejects.toMatchObject({ code: 'authority-unavailable' })
  })

  it('and a redirect is no directory', async () => {
    const acme = createAcmeServer({
      send: sender(),
      directoryUrl: `${base}/redirect`,
      clock: { now: () => at },
    })
    await expect(acme.directory(signal)).rejects.toThrow('status 302')
  })
})
