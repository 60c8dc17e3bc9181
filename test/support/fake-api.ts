import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeApiCertificate } from './self-signed-api.ts'

export interface FakeRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export interface FakeReply {
  readonly status?: number
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Null: 404 as the CPS API words it. */
export type FakeHandler = (request: FakeRequest) => FakeReply | null | Promise<FakeReply | null>

export interface FakeApi {
  /** A home with edgerc, service-root.pem and root.pem; no ready.json. */
  readonly home: string
  readonly host: string
  readonly requests: readonly FakeRequest[]
  answerWith(handler: FakeHandler): void
  writeReady(networks: { readonly staging: string; readonly production: string }): void
  close(): Promise<void>
}

const CREDENTIAL = { client_token: 'ct-1', client_secret: 'secret-of-tests-0001=', access_token: 'at-1' }

/** An HTTPS server on loopback that answers only what is signed rightly, by its own reading of spec, behaviour F2. */
export async function startFakeApi(): Promise<FakeApi> {
  const { cert, key } = await makeApiCertificate()
  const home = mkdtempSync(join(tmpdir(), 'certrail-fake-'))
  const requests: FakeRequest[] = []
  const nonces = new Set<string>()
  let handler: FakeHandler = () => null

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { method = '', url: target = '', headers } = incoming
    const request = {
      method,
      target,
      headers,
      body: body.length === 0 ? null : (JSON.parse(body.toString()) as unknown),
    }
    requests.push(request)
    const fault = signatureFault(request, body, nonces)
    const reply = fault === null ? ((await handler(request)) ?? NOT_FOUND) : refused(fault)
    const status = reply.status ?? 200
    const type = reply.type ?? (status < 400 ? String(headers.accept) : 'application/problem+json')
    response.writeHead(status, { 'content-type': type, ...reply.headers })
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body))
  }
  const server = createServer({ cert, key }, (incoming, response) => void answer(incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `localhost:${(server.address() as AddressInfo).port}`
  const members = Object.entries({ host, ...CREDENTIAL }).map(([name, value]) => `${name} = ${value}`)
  writeFileSync(join(home, 'edgerc'), ['[default]', ...members, ''].join('\n'), { mode: 0o600 })
  writeFileSync(join(home, 'service-root.pem'), cert)
  writeFileSync(join(home, 'root.pem'), cert)
  return {
    home,
    host,
    requests,
    answerWith: (next) => {
      handler = next
    },
    writeReady: (networks) => {
      const ready = {
        api: `https://${host}`,
        contract: '1-SANDBOX',
        mode: 'sandbox',
        pid: process.pid,
        ...networks,
      }
      writeFileSync(join(home, 'ready.json'), JSON.stringify(ready))
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

const NOT_FOUND: FakeReply = {
  status: 404,
  body: { type: 'https://localhost/cps/v2/error-types/not-found', title: 'Not Found' },
}

const refused = (detail: string): FakeReply => ({
  status: 401,
  body: { title: 'Not authorized', status: 401, detail },
})

function signatureFault(request: FakeRequest, body: Buffer, nonces: Set<string>): string | null {
  const header = String(request.headers.authorization)
  const match =
    /^(EG1-HMAC-SHA256 client_token=ct-1;access_token=at-1;timestamp=([^;]+);nonce=([^;]+);)signature=(.+)$/.exec(
      header,
    )
  if (match === null) return 'The header is malformed'
  const [, unsigned = '', timestamp = '', nonce = '', signature] = match
  const at = /^(\d{4})(\d\d)(\d\d)(T\d\d:\d\d:\d\d)\+0000$/.exec(timestamp)
  if (at === null || Math.abs(Date.parse(`${at[1]}-${at[2]}-${at[3]}${at[4]}Z`) - Date.now()) > 30_000)
    return 'Invalid timestamp'
  if (nonces.has(nonce)) return 'Invalid nonce'
  nonces.add(nonce)
  const hashed = request.method === 'POST' && body.length > 0
  const contentHash = hashed ? createHash('sha256').update(body.subarray(0, 131_072)).digest('base64') : ''
  const data = [
    request.method,
    'https',
    request.headers.host,
    request.target,
    '',
    contentHash,
    unsigned,
  ].join('\t')
  return signature === hmac(hmac(CREDENTIAL.client_secret, timestamp), data)
    ? null
    : 'The signature does not match'
}

const hmac = (key: string, message: string): string =>
  createHmac('sha256', key).update(message).digest('base64')
