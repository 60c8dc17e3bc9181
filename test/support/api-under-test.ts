import { randomBytes, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:https'
import { connect } from 'node:tls'
import EdgeGrid from 'akamai-edgegrid'
import { edgegridTimestamp, signRequest } from '../../src/edgegrid/sign.ts'
import { type ApiCredential, type CredentialLookup, createVerifier } from '../../src/edgegrid/verify.ts'
import { accountId } from '../../src/domain/identifiers.ts'
import { instant, plus, SECOND } from '../../src/domain/time.ts'
import type { ObservedRequest } from '../../src/http/reporter.ts'
import { type ApiServer, createApiServer } from '../../src/http/server.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { RateLimits } from '../../src/ports/rate-limits.ts'
import { createFakeUseCases } from './fake-use-cases.ts'
import { createOpenApiWatch, type OpenApiWatch } from './openapi-watch.ts'
import { makeApiCertificate } from './self-signed-api.ts'

/** Clients by their token; the secret is `secret of TOKEN`. */
const CLIENTS: Readonly<Record<string, Partial<ApiCredential>>> = {
  'ct-one': { accountId: accountId('A-1'), role: 'operator' },
  'ct-two': { accountId: accountId('A-2'), role: 'operator' },
  'ct-reader': { accountId: accountId('A-1'), role: 'read-only' },
  'ct-admin': { accountId: accountId('A-1'), role: 'admin', switchesTo: 'any' },
  'ct-off': { accountId: accountId('A-1'), disabled: true },
}

export interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

export interface Sending {
  readonly client?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Sent in place of what would be right. */
  readonly authorization?: string | null
  readonly offsetSeconds?: number
  readonly nonce?: string
  readonly secret?: string
  /** Hears the answer's text while it comes. */
  readonly onText?: (text: string) => void
}

const BODY_LIMIT_BYTES = 200_000

export interface ApiUnderTestOptions {
  readonly sandbox?: boolean
  /** Real by default. */
  readonly clock?: Clock
  readonly rateLimits?: RateLimits
}

/** The real server over HTTPS on loopback, with use cases over a map. */
export async function startApi(options: ApiUnderTestOptions = {}) {
  const clock = options.clock ?? { now: () => instant(Date.now()) }
  const tls = await makeApiCertificate()
  const fake = createFakeUseCases({ 'A-1': ['C-1', 'C-2'], 'A-2': ['C-9'] })
  const observed: ObservedRequest[] = []
  const logged: { level: string; fields: object; message: string }[] = []
  const write = (level: string) => (fields: object, message: string) =>
    void logged.push({ level, fields, message })
  const server: ApiServer = await createApiServer(
    {
      useCases: fake.useCases,
      verifier: createVerifier({ credentials: createLookup(), clock }),
      clock,
      rateLimits: options.rateLimits ?? null,
      random: { bytes: (length) => randomBytes(length), uuid: () => randomUUID(), below: () => 0 },
      log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
      metrics: { onRequest: (seen) => void observed.push(seen) },
    },
    {
      tls,
      listen: { hosts: ['127.0.0.1', '::1'], port: 0, passOverMissing: true },
      apiNames: ['localhost', 'api.certrail.example'],
      bodyLimitBytes: BODY_LIMIT_BYTES,
      sandbox: options.sandbox ?? true,
      challengeRedirectBase: 'http://127.0.0.1:8080',
      rootPage: () => '<!doctype html><title>Certrail</title>',
    },
  )
  const host = `localhost:${server.port}`
  const agent = new Agent({ keepAlive: true, ca: tls.cert })

  function authorize(method: string, path: string, sending: Sending): string | null {
    if (sending.authorization !== undefined) return sending.authorization
    const clientToken = sending.client ?? 'ct-one'
    const clientSecret = sending.secret ?? `secret of ${clientToken}`
    return signRequest({
      method,
      url: path,
      host,
      body: sending.body ?? null,
      credential: { clientToken, accessToken: `at-${clientToken}`, clientSecret },
      timestamp: edgegridTimestamp(plus(clock.now(), (sending.offsetSeconds ?? 0) * SECOND)),
      nonce: sending.nonce ?? randomUUID(),
    })
  }

  let watch: Promise<OpenApiWatch> | null = null

  /** `path` goes onto the wire as it stands. Every answer must be in the OpenAPI document of the server that gave it. */
  async function call(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    watch ??= send('GET', '/certrail/v1/openapi.json').then(({ text }) =>
      createOpenApiWatch(JSON.parse(text)),
    )
    const answer = await send(method, path, sending)
    const { status, text } = answer
    const contentType = String(answer.headers['content-type'])
    ;(await watch).check({ method, target: path, status, contentType, text })
    return answer
  }

  function send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const authorization = authorize(method, path, sending)
    const headers = {
      host,
      ...(sending.body === undefined || sending.headers?.['transfer-encoding'] !== undefined
        ? {}
        : { 'content-length': String(Buffer.byteLength(sending.body)) }),
      ...sending.headers,
      ...(authorization === null ? {} : { authorization }),
    }
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', servername: 'localhost', port: server.port, method, path, headers, agent },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk)
            sending.onText?.(chunk.toString())
          })
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          )
        },
      )
      sent.on('error', reject)
      sent.end(sending.body)
    })
  }

  /** Octets as they are; resolves with all that comes back until the server ends the connection. */
  function raw(octets: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: server.port, servername: 'localhost', ca: tls.cert },
        () => socket.write(octets),
      )
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('error', reject)
      socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    })
  }

  /** The vendor's own client. */
  function vendor(
    method: string,
    path: string,
    headers: Record<string, string>,
    body = '',
  ): Promise<{ status: number; data: unknown }> {
    const client = new EdgeGrid('ct-one', 'secret of ct-one', 'at-ct-one', host)
    return new Promise((resolve, reject) => {
      client
        .auth({
          path,
          method,
          headers,
          body,
          httpsAgent: new Agent({ ca: tls.cert }),
          validateStatus: () => true,
        })
        .send((error, response) =>
          response === undefined ? reject(error) : resolve({ status: response.status, data: response.data }),
        )
    })
  }

  return {
    fake,
    host,
    port: server.port,
    observed,
    logged,
    call,
    raw,
    vendor,
    async close(): Promise<void> {
      await server.close()
      agent.destroy()
    },
  }
}

export type ApiUnderTest = Awaited<ReturnType<typeof startApi>>

function createLookup(): CredentialLookup {
  const claimed = new Set<string>()
  return {
    async find(clientToken) {
      const client = CLIENTS[clientToken]
      if (client === undefined) return null
      return {
        accessToken: `at-${clientToken}`,
        clientSecret: `secret of ${clientToken}`,
        accountId: accountId('A-1'),
        clientId: `id of ${clientToken}`,
        name: clientToken,
        role: 'operator',
        disabled: false,
        expiresAt: null,
        switchesTo: [],
        ...client,
      }
    },
    async claimNonce(clientToken, nonce) {
      const key = `${clientToken} ${nonce}`
      if (claimed.has(key)) return false
      claimed.add(key)
      return true
    },
    noteUse: async () => {},
    switchTo: async (_, key) => (key === '1-TWO:1-8BYUX' ? accountId('A-2') : null),
  }
}
