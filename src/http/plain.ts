import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import { CATALOGUE, type ProblemCode } from '../errors/catalogue.ts'
import { Problem } from '../errors/problem.ts'
import { bindOnAll, type BoundAddress, listenAt, type ListenOptions } from '../inbound/listen.ts'
import type { PublishedNames } from '../ports/published-names.ts'
import { closeServers } from './close-servers.ts'
import { createOpenRequests, type OpenRequests } from './open-requests.ts'
import { answerParserRefusals } from './parser-refusals.ts'
import { asProblem, type RenderedProblem } from './problem-json.ts'
import { readHost } from './raw-target.ts'

export interface PlainHttpOptions {
  readonly listen: ListenOptions
  readonly names: PublishedNames
  /** For `/ca/NAME.crl` and `/ca/NAME.cer`, asked with the file's name; null: 404. */
  readonly authorityFiles: (fileName: string) => Promise<AuthorityFileBody | null>
  /** Asked at each redirect, since it may be known only later. */
  readonly productionPort: () => number
  /** Hosts to which users redirect the challenge path of their names, once and for all; lower case. */
  readonly challengeHosts?: readonly string[]
  /** Told with every challenge that is answered, so that ours are told from a user's own. */
  readonly edgeId?: string
  readonly log: PlainHttpLog
  readonly metrics?: PlainHttpMetrics
  readonly limits?: Partial<PlainHttpLimits>
}

export interface AuthorityFileBody {
  readonly contentType: string
  readonly body: Uint8Array
}

export interface PlainHttpLog {
  warn(fields: object, message: string): void
}

export interface PlainHttpMetrics {
  answered(kind: 'challenge' | 'authority-file' | 'redirect' | 'refused', status: number): void
}

export interface PlainHttpLimits {
  readonly connections: number
  readonly headersTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  /** What is still being answered at the stop gets this long. */
  readonly stopGraceMs: number
}

export interface PlainHttp {
  readonly port: number
  readonly addresses: readonly BoundAddress[]
  /** Ends idle connections at once. May be called twice. */
  close(): Promise<void>
}

interface Answer {
  readonly kind: Parameters<PlainHttpMetrics['answered']>[0]
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

const LIMITS: PlainHttpLimits = {
  connections: 1024,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  stopGraceMs: 2_000,
}
const HEADER_LIMIT_OCTETS = 8 * 1024
const CHALLENGE_PATH = '/.well-known/acme-challenge/'
/** RFC 8555 section 8.1: base64url; real ones have 43 characters. */
const TOKEN = /^[A-Za-z0-9_-]{1,256}$/
const AUTHORITY_PATH = /^\/ca\/([A-Za-z0-9][A-Za-z0-9._-]{0,127}\.(?:crl|cer))$/
const HTTPS_PORT = 443

/** http-01 answers (RFC 8555 section 8.3), what certificates point at, and the way to https for everything else. GET and HEAD. */
export async function createPlainHttp(options: PlainHttpOptions): Promise<PlainHttp> {
  const limits = { ...LIMITS, ...options.limits }
  const open = createOpenRequests()
  const { port, bound } = await bindOnAll(options.listen, (at) =>
    listenAt(createPlainServer(options, limits, open), at),
  )
  const servers = bound.map(({ server }) => server)
  let closing: Promise<void> | null = null
  return {
    port,
    addresses: bound.map(({ host, port: taken }) => ({ host, port: taken })),
    close() {
      closing ??= closeServers(servers, open, limits.stopGraceMs)
      return closing
    },
  }
}

function createPlainServer(options: PlainHttpOptions, limits: PlainHttpLimits, open: OpenRequests): Server {
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    open.begin(incoming, outgoing)
    void answerOrRefuse(options, incoming).then((answer) => {
      options.metrics?.answered(answer.kind, answer.status)
      send(incoming, outgoing, answer)
    })
  }
  const server = createServer(
    {
      maxHeaderSize: HEADER_LIMIT_OCTETS,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.headersTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
      requireHostHeader: false,
    },
    onRequest,
  )
  server.maxConnections = limits.connections
  server.on('checkExpectation', onRequest)
  server.on('checkContinue', onRequest)
  answerParserRefusals(server, {
    refuse(problem) {
      const { status, headers, body } = refusal(problem.code)
      options.metrics?.answered('refused', status)
      return { status, headers, body }
    },
    isAnswering: (socket) => open.isAnswering(socket),
  })
  return server
}

async function answerOrRefuse(options: PlainHttpOptions, incoming: IncomingMessage): Promise<Answer> {
  try {
    return await answer(options, incoming)
  } catch (error) {
    const { code } = asProblem(error)
    // The text of a fault stays in the log: whoever asks here is a stranger.
    if (CATALOGUE[code].status >= 500)
      options.log.warn({ err: error }, 'a plain HTTP request could not be answered')
    return refusal(code)
  }
}

async function answer(options: PlainHttpOptions, incoming: IncomingMessage): Promise<Answer> {
  const target = incoming.url ?? ''
  if (!/^\/[\x21-\x7e]*$/.test(target)) throw new Problem('malformed-request')
  const host = hostWithoutPort(readHost(incoming.rawHeaders))
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD')
    return refusal('method-not-allowed', { Allow: 'GET, HEAD' })
  const path = target.split('?', 1)[0] ?? ''
  if (path.startsWith(CHALLENGE_PATH))
    return challengeAnswer(options, host, path.slice(CHALLENGE_PATH.length))
  const fileName = AUTHORITY_PATH.exec(path)?.[1]
  return fileName === undefined
    ? redirect(host, options.productionPort(), target)
    : authorityFileAnswer(options, fileName)
}

async function challengeAnswer(
  { names, edgeId, challengeHosts = [] }: PlainHttpOptions,
  host: string,
  token: string,
): Promise<Answer> {
  const name = host.toLowerCase().replace(/\.$/, '')
  const found = TOKEN.test(token)
    ? await names.httpChallenge(challengeHosts.includes(name) ? null : name, token)
    : null
  const ours: Readonly<Record<string, string>> = edgeId === undefined ? {} : { 'Certrail-Edge': edgeId }
  // Also what it does not know it answers as one of us, so that a name that leads here is known without a token.
  if (found === null) return refusal('not-found', ours)
  return {
    kind: 'challenge',
    status: 200,
    headers: {
      'Content-Type': 'text/plain',
      'Cache-Control': 'no-store',
      ...ours,
    },
    body: found,
  }
}

async function authorityFileAnswer(options: PlainHttpOptions, fileName: string): Promise<Answer> {
  const file = await options.authorityFiles(fileName)
  if (file === null) return refusal('not-found')
  // A revocation list is made anew as the clock goes, or is turned: nobody may keep an old one.
  const headers = { 'Content-Type': file.contentType, 'Cache-Control': 'no-cache' }
  return { kind: 'authority-file', status: 200, headers, body: file.body }
}

/** RFC 9110 section 15.4.9: the method stays. Host and target were read strictly, so neither can carry a second header. */
function redirect(host: string, port: number, target: string): Answer {
  const authority = port === HTTPS_PORT ? host : `${host}:${port}`
  return { kind: 'redirect', status: 308, headers: { Location: `https://${authority}${target}` }, body: '' }
}

/** @throws Problem 'malformed-request' */
function hostWithoutPort(host: string): string {
  const name = host.replace(/:\d+$/, '')
  if (name.startsWith('[') ? !isIPv6(name.slice(1, -1)) : name.startsWith('.') || name.includes('..')) {
    throw new Problem('malformed-request')
  }
  return name
}

/** No type of our own and no detail (RFC 9457 section 4.2.1): who asks here is a CA or a browser, not a client of the API. */
function refusal(
  code: ProblemCode,
  headers: Readonly<Record<string, string>> = {},
): Answer & RenderedProblem {
  const { status, title } = CATALOGUE[code]
  return {
    kind: 'refused',
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status }),
  }
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: Answer): void {
  // A body is never read here: what is under way would stand in front of the next request.
  const hasBody =
    incoming.headers['transfer-encoding'] !== undefined || Number(incoming.headers['content-length'] ?? 0) > 0
  const cuts = hasBody || status === 400 || incoming.headers.expect !== undefined
  outgoing.writeHead(status, {
    ...headers,
    'Content-Length': String(typeof body === 'string' ? Buffer.byteLength(body) : body.length),
    ...(cuts ? { Connection: 'close' } : {}),
  })
  outgoing.end(incoming.method === 'HEAD' ? undefined : body)
}
