import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, type AgentOptions, request } from 'node:https'
import { join } from 'node:path'
import { parse } from 'ini'
import { edgegridTimestamp, signRequest } from '../../src/edgegrid/sign.ts'
import { instant } from '../../src/domain/time.ts'
import { createOpenApiWatch, type OpenApiWatch } from './openapi-watch.ts'

export interface TestResponse {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  // oxlint-disable-next-line no-explicit-any -- tests look into answers by path
  readonly body: any
}

export interface TestRequest {
  readonly accept?: string
  readonly contentType?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestClient {
  readonly host: string
  call(method: string, path: string, options?: TestRequest): Promise<TestResponse>
  close(): void
}

/** Signs as EdgeGrid clients do and trusts the home's roots alone. */
export async function createTestClient(
  home: string,
  section = 'default',
  options: AgentOptions = {},
): Promise<TestClient> {
  const [edgerc, ca] = await Promise.all([
    readFile(join(home, 'edgerc'), 'utf8'),
    readFile(join(home, 'root.pem')),
  ])
  const entry = parse(edgerc)[section] as Record<string, string>
  const credential = {
    clientToken: entry['client_token'] ?? '',
    clientSecret: entry['client_secret'] ?? '',
    accessToken: entry['access_token'] ?? '',
  }
  const host = entry['host'] ?? ''
  const agent = new Agent({ keepAlive: true, ca, ...options })
  let watch: Promise<OpenApiWatch> | null = null

  /** Every answer that a test meets must be in the OpenAPI document of the server that gave it. */
  async function checked(method: string, target: string, answer: TestResponse): Promise<TestResponse> {
    watch ??= fetched('GET', '/certrail/v1/openapi.json', {}).then(({ body }) => createOpenApiWatch(body))
    const { status, text } = answer
    const contentType = String(answer.headers['content-type'])
    ;(await watch).check({ method, target, status, contentType, text })
    return answer
  }

  async function fetched(method: string, path: string, options: TestRequest): Promise<TestResponse> {
    const body = bodyOf(options.body)
    const authorization = signRequest({
      method,
      url: `https://${host}${path}`,
      host,
      body,
      credential,
      timestamp: edgegridTimestamp(instant(Date.now())),
      nonce: randomUUID(),
    })
    return send({
      agent,
      host,
      method,
      path,
      body,
      headers: { ...headersOf(options, body), authorization },
    })
  }

  return {
    host,
    close: () => agent.destroy(),
    call: async (method, path, options = {}) => checked(method, path, await fetched(method, path, options)),
  }
}

function bodyOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

const headersOf = (options: TestRequest, body: Buffer): Record<string, string> => ({
  ...(options.accept !== undefined && { accept: options.accept }),
  ...(body.length > 0 && {
    'content-type': options.contentType ?? 'application/json',
    'content-length': String(body.length),
  }),
  ...options.headers,
})

interface Outgoing {
  readonly agent: Agent
  readonly host: string
  readonly method: string
  readonly path: string
  readonly body: Buffer
  readonly headers: Record<string, string>
}

function send({ agent, host, method, path, body, headers }: Outgoing): Promise<TestResponse> {
  const { hostname, port } = new URL(`https://${host}`)
  return new Promise<TestResponse>((resolve, reject) => {
    const sent = request(
      { agent, hostname, port, method, path, headers: { host, ...headers } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
