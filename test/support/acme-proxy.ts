import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request as secureRequest } from 'node:https'
import { instant } from '../../src/domain/time.ts'
import { toPem } from '../../src/pki/pem.ts'
import { privateKeyPem } from '../../src/pki/private-key.ts'
import type { Pebble } from './pebble.ts'
import { testLeaf, testRoot } from './test-certificates.ts'

export interface ProxiedAnswer {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** What was asked. */
  readonly request: Buffer
}

/** What is answered in the CA's place; undefined: its own answer. `null`: nothing, the connection ends. */
export type Tamper = (
  answer: ProxiedAnswer,
) => Promise<Partial<ProxiedAnswer> | null | undefined> | Partial<ProxiedAnswer> | null | undefined

export type Refuse = (
  request: Pick<ProxiedAnswer, 'method' | 'path'>,
) => Promise<Refusal | undefined> | Refusal | undefined

type Refusal = Pick<ProxiedAnswer, 'status' | 'headers' | 'body'>

export interface AcmeProxy {
  readonly directoryUrl: string
  /** PEM of what signed the proxy's TLS certificate. */
  readonly caPem: string
  /** From now on; null: everything passes. */
  tamper(tamper: Tamper | null): void
  /** What is answered before the CA hears of it; undefined: the CA is asked. */
  refuse(refuse: Refuse | null): void
  close(): Promise<void>
}

/** Stands before a real ACME server and lets it misbehave, or sees to it that something happens at an exact moment of the protocol. */
export async function startAcmeProxy(pebble: Pebble): Promise<AcmeProxy> {
  const at = instant(Date.now())
  const root = testRoot({ cn: 'Root of the proxy', at })
  const leaf = testLeaf(root, { cn: 'localhost', at })
  const agent = new Agent({ ca: pebble.caPem, keepAlive: true })
  let tamper: Tamper | null = null
  let refuse: Refuse | null = null
  const tls = { cert: toPem('CERTIFICATE', leaf.der), key: privateKeyPem(leaf.key) }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request
    const refused = await refuse?.({ method, path })
    if (refused !== undefined) {
      request.resume()
      return void response.writeHead(refused.status, refused.headers).end(refused.body)
    }
    const given = await forward(pebble.port, agent, request)
    const changed = await tamper?.(given)
    if (changed === null) return void response.destroy()
    const { status, headers, body } = { ...given, ...changed }
    const framing = method === 'HEAD' ? {} : { 'content-length': body.length }
    response.writeHead(status, { ...withoutFraming(headers), ...framing })
    response.end(body)
  }
  const server = createServer(tls, (request, response) => {
    answer(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    directoryUrl: `https://localhost:${port}/dir`,
    caPem: toPem('CERTIFICATE', root.der),
    tamper(given) {
      tamper = given
    },
    refuse(given) {
      refuse = given
    },
    async close() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const FRAMING = ['content-length', 'transfer-encoding', 'connection']

const withoutFraming = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !FRAMING.includes(name)))

/** The Host header stays the proxy's: Pebble makes its URLs from it. */
async function forward(port: number, agent: Agent, request: IncomingMessage): Promise<ProxiedAnswer> {
  const body = await whole(request)
  const { method = 'GET', url: path = '/', headers } = request
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers, agent, servername: 'localhost' }
    const sent = secureRequest(options, (response) => {
      whole(response).then(
        (received) =>
          resolve({
            method,
            path,
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: received,
            request: body,
          }),
        reject,
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
