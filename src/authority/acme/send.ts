import { lookup as resolve, type LookupAddress } from 'node:dns'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { Agent, request as secureRequest } from 'node:https'
import { isIP } from 'node:net'
import { Problem } from '../../errors/problem.ts'

/** What our client asks of the network. Nothing is followed, retried or read into. */
export interface AcmeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: string
  /** JSON text of a JWS (RFC 8555 section 6.2). */
  readonly body?: string
  readonly accept?: string
}

export interface AcmeResponse {
  readonly status: number
  /** The first value of this header; names are lower case. */
  readonly header: (name: string) => string | null
  readonly links: readonly string[]
  readonly body: Buffer
}

/** Sends one request. Throws `Problem('authority-unavailable')` when no answer came, `Problem('authority-refused')` for one beyond all bounds. */
export type AcmeSend = (request: AcmeRequest, signal: AbortSignal) => Promise<AcmeResponse>

export interface AcmeSendOptions {
  /** PEM to trust instead of the system's roots (CERTRAIL_ACME_CA_FILE). */
  readonly trustedPem: string | null
  /** Whether a connection to this numeric address is allowed for a URL of this origin: what a CA's answers point at is not trusted. */
  readonly allows: (address: string, origin: string) => boolean
  readonly timeoutMs?: number
  readonly bodyLimitBytes?: number
  readonly connections?: number
}

/** Let's Encrypt answers within seconds; behind some CAs people look at orders, but never while a request waits. */
const TIMEOUT_MS = 30_000
/** A chain of ten certificates with a hundred names has about 40 kB, an order of a hundred names 20 kB. */
const BODY_LIMIT_BYTES = 256 * 1024
const CONNECTIONS = 16
/** Servers close what is idle after five seconds or more (Pebble, Node); whoever sends just then hears nothing. */
const IDLE_MS = 4_000

/** RFC 8555 section 6.1: HTTPS, a User-Agent, UTF-8. */
export function createAcmeSend(options: AcmeSendOptions): AcmeSend & { close(): void } {
  const agent = new Agent({
    keepAlive: true,
    timeout: IDLE_MS,
    maxSockets: options.connections ?? CONNECTIONS,
    ...(options.trustedPem === null ? {} : { ca: options.trustedPem }),
  })
  const limit = options.bodyLimitBytes ?? BODY_LIMIT_BYTES
  const send: AcmeSend = async (request, signal) => {
    const url = new URL(request.url)
    refuseAddress(url, options)
    const limited = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)
    const response = await exchange(
      request,
      url,
      { agent, signal: limited, lookup: guarded(url, options) },
      signal,
    )
    return { ...response, body: await readBounded(response.message, limit, url.host) }
  }
  return Object.assign(send, { close: () => agent.destroy() })
}

type Headers = Omit<AcmeResponse, 'body'> & { readonly message: IncomingMessage }

function exchange(
  { method, body, accept }: AcmeRequest,
  url: URL,
  options: RequestOptions & { readonly signal: AbortSignal },
  outer: AbortSignal,
): Promise<Headers> {
  return new Promise((resolveWith, reject) => {
    const sent = secureRequest(url, { ...options, method, headers: headersFor(body, accept) }, (message) => {
      resolveWith({ status: message.statusCode ?? 0, ...readHeaders(message), message })
    })
    const abort = (): void => void sent.destroy(new Error('stopped'))
    outer.addEventListener('abort', abort)
    sent.on('close', () => outer.removeEventListener('abort', abort))
    sent.on('error', (cause) => reject(cause instanceof Problem ? cause : unreachable(url.host, cause)))
    if (outer.aborted) abort()
    sent.end(body)
  })
}

const headersFor = (body: string | undefined, accept: string | undefined) => ({
  'user-agent': 'Certrail',
  'accept-language': 'en',
  ...(accept === undefined ? {} : { accept }),
  ...(body === undefined
    ? {}
    : { 'content-type': 'application/jose+json', 'content-length': String(Buffer.byteLength(body)) }),
})

function readHeaders({ headers }: IncomingMessage): Pick<AcmeResponse, 'header' | 'links'> {
  const header = (name: string): string | null => {
    const value = headers[name]
    return (Array.isArray(value) ? value[0] : value) ?? null
  }
  // Node joins repeated Link headers by a comma and a blank (RFC 8288 section 3 allows both forms).
  return { header, links: header('link')?.split(/,\s*(?=<)/) ?? [] }
}

async function readBounded(message: IncomingMessage, limit: number, host: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > limit) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw unreachable(host, cause)
  }
  if (length <= limit) return Buffer.concat(chunks)
  message.destroy()
  throw new Problem('authority-refused', {
    detail: `${host} answered with more than ${limit} octets, which no ACME answer needs.`,
  })
}

const unreachable = (host: string, cause: unknown): Problem =>
  new Problem('authority-unavailable', {
    detail: `${host} could not be asked: ${cause instanceof Error ? cause.message : String(cause)}.`,
    cause,
  })

/** A literal address is never looked up, so it is judged here. */
function refuseAddress(url: URL, { allows }: AcmeSendOptions): void {
  const bare = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new Problem('authority-refused', {
      detail: `${url.host} is named by a URL that no ACME server has.`,
    })
  if (isIP(bare) !== 0 && !allows(bare, url.origin)) throw forbidden(bare)
}

const forbidden = (address: string): Problem =>
  new Problem('authority-refused', {
    detail: `${address} is not an address that Certrail may connect to (CERTRAIL_ALLOW_PRIVATE_TARGETS).`,
  })

type Lookup = NonNullable<RequestOptions['lookup']>

/** Addresses that may not be reached are left out before anything connects, so nobody can answer another one in between. */
const guarded =
  (url: URL, { allows }: AcmeSendOptions): Lookup =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found: readonly LookupAddress[]) => {
      if (error !== null) return callback(error, [])
      const allowed = found.filter(({ address }) => allows(address, url.origin))
      const [first] = allowed
      if (first === undefined) return callback(forbidden(found[0]?.address ?? hostname), [])
      if (options.all === true) return callback(null, [...allowed])
      return callback(null, first.address, first.family)
    })
  }
