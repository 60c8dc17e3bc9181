import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { UseCases } from '../app/use-cases.ts'
import type { Verifier } from '../edgegrid/verify.ts'
import type { Problem } from '../errors/problem.ts'
import { bindOnAll, listenAt, type ListenOptions } from '../inbound/listen.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { RateLimits } from '../ports/rate-limits.ts'
import type { WireContext } from '../wire/row.ts'
import { createApiApp } from './app.ts'
import { closeServers } from './close-servers.ts'
import { type OpenRequests, createOpenRequests } from './open-requests.ts'
import { answerParserRefusals } from './parser-refusals.ts'
import { asProblem, type RenderedProblem } from './problem-json.ts'
import { createReporter, type RequestLog, type RequestMetrics } from './reporter.ts'
import { readHost, readTarget } from './raw-target.ts'

const DEFAULT_BODY_LIMIT_BYTES = 2 * 1024 * 1024
/** A whole request must have arrived in this time. */
const REQUEST_TIMEOUT_MS = 60_000
const HEADERS_TIMEOUT_MS = 20_000
/** Longer than the 30 s and 10 s at which clients poll, so that they keep their connection. */
const KEEP_ALIVE_MS = 75_000
/** What is still being answered at the stop gets this long. */
const STOP_GRACE_MS = 3_000

export interface ApiServerDependencies {
  readonly useCases: UseCases
  readonly verifier: Verifier
  /** The real clock. */
  readonly clock: Clock
  readonly random: Random
  /** Null: there are none. */
  readonly rateLimits: RateLimits | null
  readonly log: RequestLog
  readonly metrics: RequestMetrics
}

export interface ApiCertificate {
  /** PEM, leaf first. */
  readonly cert: string
  /** PEM */
  readonly key: string
}

export interface ApiServerOptions {
  readonly tls: ApiCertificate
  readonly listen: ListenOptions
  /** Names and addresses of this service; nobody may enroll them. The first stands for the host where a request has none. */
  readonly apiNames: readonly string[]
  readonly bodyLimitBytes?: number
  /** The lifecycle clock can be turned; in live mode there is no such path. */
  readonly sandbox: boolean
  readonly wireSpelling?: WireContext['spelling']
  /** `http://host:port` where http-01 is answered for redirected names. */
  readonly challengeRedirectBase?: string
  readonly delegationZone?: string | null
  /** HTML for `/`: root-page.ts. A function, since it names the port that is known only after listening. */
  readonly rootPage: () => string
}

export interface ApiServer {
  readonly port: number
  /** New connections get this certificate. */
  useCertificate(tls: ApiCertificate): void
  /** Waiters and event streams end first, then what is being answered is, then connections are cut. May be called twice. */
  close(): Promise<void>
}

/** HTTPS with both APIs on every host of `listen`. */
export async function createApiServer(
  dependencies: ApiServerDependencies,
  options: ApiServerOptions,
): Promise<ApiServer> {
  const reporter = createReporter(dependencies, options.apiNames[0] ?? 'localhost')
  const open = createOpenRequests()
  const app = createApiApp({
    useCases: dependencies.useCases,
    verifier: dependencies.verifier,
    rateLimits: dependencies.rateLimits,
    wire: {
      spelling: options.wireSpelling ?? 'coodinate',
      challengeRedirectBase: options.challengeRedirectBase ?? null,
      delegationZone: options.delegationZone ?? null,
    },
    serviceNames: options.apiNames.map((name) => name.toLowerCase()),
    bodyLimitBytes: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    sandbox: options.sandbox,
    rootPage: options.rootPage,
    reporter,
    open,
  })
  const respond = getRequestListener((request, env) => app.fetch(request, env), {
    // Only what the adapter itself cannot read ends here: a Host that a URL may not have. Thrown on, to where the request is known.
    errorHandler: (error) => {
      throw error
    },
  })

  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    reporter.begin(incoming, outgoing)
    open.begin(incoming, outgoing)
    const refuse = (error: unknown): void => write(outgoing, reporter.refuse(asProblem(error), incoming))
    try {
      readTarget(incoming.url ?? '')
      readHost(incoming.rawHeaders)
    } catch (error) {
      refuse(error)
      return
    }
    respond(incoming, outgoing).catch(refuse)
  }

  const { port, bound } = await bindOnAll(options.listen, (at) =>
    listenAt(createHttpsServer(options.tls, onRequest, reporter.refuseUnparsed, open), at),
  )
  const servers = bound.map(({ server }) => server)
  let closing: Promise<void> | undefined
  return {
    port,
    useCertificate: (tls) => {
      for (const server of servers) server.setSecureContext(tls)
    },
    close: () => {
      closing ??= closeServers(servers, open, STOP_GRACE_MS)
      return closing
    },
  }
}

function createHttpsServer(
  tls: ApiCertificate,
  onRequest: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
  refuse: (problem: Problem, socket: Socket) => RenderedProblem,
  open: OpenRequests,
) {
  const server = createServer({ ...tls, minVersion: 'TLSv1.2', requireHostHeader: false }, onRequest)
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.on('checkExpectation', onRequest)
  answerParserRefusals(server as unknown as Server, {
    refuse,
    isAnswering: (socket) => open.isAnswering(socket),
  })
  return server
}

function write(outgoing: ServerResponse, rendered: RenderedProblem): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  outgoing.writeHead(rendered.status, {
    ...rendered.headers,
    'Content-Length': Buffer.byteLength(rendered.body),
    Connection: 'close',
  })
  outgoing.end(rendered.body)
}
