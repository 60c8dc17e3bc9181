import { Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { SECOND } from '../domain/time.ts'
import { edgegridTimestamp, signRequest } from '../edgegrid/sign.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { EdgercSection } from './edgerc.ts'
import { Failure } from './failure.ts'
import { refusalOf } from './refusal.ts'

interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query, already encoded. */
  readonly path: string
  readonly accept: string
  readonly content?: { readonly type: string; readonly value: unknown }
  /** RFC 7240 section 4.3: how long the server may hold the answer back. */
  readonly waitSeconds?: number
  /** Instead of the usual minute. */
  readonly answerTimeoutMs?: number
}

export interface ApiReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export interface Api {
  readonly host: string
  /** The parsed body of a 2xx; everything else is a Failure with the problem's words. */
  call(call: ApiCall): Promise<ApiReply>
  /** Server-sent events: the `data` of each, parsed, until `signal` aborts or the server ends them. */
  events(path: string, onData: (data: unknown) => void, signal: AbortSignal): Promise<void>
  close(): void
}

export interface ApiDependencies {
  readonly section: EdgercSection
  /** PEM texts of trusted roots; null: those of Node. */
  readonly roots: readonly string[] | null
  readonly clock: Clock
  readonly random: Random
}

/** Nothing of ours takes longer, except where `waitSeconds` asks for it. */
const ANSWER_TIMEOUT_MS = 60 * SECOND

export function createApi(dependencies: ApiDependencies): Api {
  const { section, roots } = dependencies
  const agent = new Agent({ keepAlive: true, ...(roots === null ? {} : { ca: [...roots] }) })

  function optionsOf(call: ApiCall, body: string | null): { url: URL; options: RequestOptions } {
    const target = withAccount(call.path, section.accountKey)
    const authorization = signRequest({
      method: call.method,
      url: target,
      host: section.host,
      body,
      credential: section.credential,
      timestamp: edgegridTimestamp(dependencies.clock.now()),
      nonce: dependencies.random.uuid(),
    })
    const headers: Record<string, string> = { host: section.host, accept: call.accept, authorization }
    if (call.content !== undefined) headers['content-type'] = call.content.type
    if (body !== null) headers['content-length'] = String(Buffer.byteLength(body))
    if (call.waitSeconds !== undefined) headers['prefer'] = `wait=${call.waitSeconds}`
    return { url: urlOf(section.host, target), options: { method: call.method, agent, headers } }
  }

  return {
    host: section.host,
    call: async (call) => {
      const body = call.content === undefined ? null : JSON.stringify(call.content.value)
      const { url, options } = optionsOf(call, body)
      const timeoutMs = (call.answerTimeoutMs ?? ANSWER_TIMEOUT_MS) + (call.waitSeconds ?? 0) * SECOND
      const raw = await send(url, { ...options, signal: AbortSignal.timeout(timeoutMs) }, body)
      if (raw.status < 200 || raw.status > 299) throw refusalOf(raw.status, raw.headers, raw.text)
      return { status: raw.status, headers: raw.headers, body: jsonOf(raw.text) }
    },
    events: (path, onData, signal) => {
      const { url, options } = optionsOf({ method: 'GET', path, accept: 'text/event-stream' }, null)
      return listen(
        url,
        { ...options, signal, agent: false, ...(roots === null ? {} : { ca: [...roots] }) },
        onData,
      )
    },
    close: () => agent.destroy(),
  }
}

interface RawReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

function send(url: URL, options: RequestOptions, body: string | null): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(unreachable(url, error))
    const request = httpsRequest(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    request.on('error', fail)
    request.end(body ?? undefined)
  })
}

function listen(url: URL, options: RequestOptions, onData: (data: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      options.signal?.aborted === true ? resolve() : reject(unreachable(url, error))
    const request = httpsRequest(url, options, (response) => {
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split(/\r\n|\n|\r/)
        rest = lines.pop() ?? ''
        for (const line of lines) if (line.startsWith('data:')) onData(jsonOf(line.slice(5)))
      })
      response.on('error', fail)
      response.on('end', resolve)
    })
    request.on('error', fail)
    request.end()
  })
}

function withAccount(path: string, accountKey: string | null): string {
  if (accountKey === null) return path
  return `${path}${path.includes('?') ? '&' : '?'}accountSwitchKey=${encodeURIComponent(accountKey)}`
}

function urlOf(host: string, target: string): URL {
  try {
    return new URL(`https://${host}${target}`)
  } catch {
    throw new Failure({ title: 'Cannot use the edgerc', detail: `Its host, ${host}, is no host name.` })
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** Codes of TLS refusals by this side: no use in trying again. */
const UNTRUSTED = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_)/

function unreachable(url: URL, error: Error): Failure {
  const code = codeOf(error)
  const cause = code ?? error.message
  if (code !== null && UNTRUSTED.test(code)) {
    const detail = `${url.host}: ${cause}. Name its root with --cacert, or the home with --home.`
    return new Failure({ title: 'The certificate of the API is not trusted', detail })
  }
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || code === 'ABORT_ERR') {
    return new Failure({
      title: 'The API does not answer',
      detail: `${url.host} took too long.`,
      passing: true,
    })
  }
  const advice = code === 'ECONNREFUSED' ? ' Is it running? Start it with: certrail start' : ''
  return new Failure({
    title: 'Cannot reach the API',
    detail: `${url.host}: ${cause}.${advice}`,
    passing: true,
  })
}

/** Where a host has several addresses, Node wraps one error for each. */
function codeOf(error: Error): string | null {
  const inner = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined
  return (error as NodeJS.ErrnoException).code ?? (inner as NodeJS.ErrnoException | undefined)?.code ?? null
}
