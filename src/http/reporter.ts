import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { CATALOGUE } from '../errors/catalogue.ts'
import type { Problem } from '../errors/problem.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { isHost } from './raw-target.ts'
import { type RenderedProblem, renderProblem } from './problem-json.ts'

/** What a pino logger is, as far as this folder goes. */
export interface RequestLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface ObservedRequest {
  readonly method: string
  /** The route's pattern; `none` where no route was found. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface RequestMetrics {
  onRequest(request: ObservedRequest): void
}

export interface ReporterDependencies {
  readonly clock: Clock
  readonly random: Random
  readonly log: RequestLog
  readonly metrics: RequestMetrics
}

/** Gives each request its id, and each answer its line in the log and its place in the metrics. */
export interface Reporter {
  begin(incoming: IncomingMessage, outgoing: ServerResponse): void
  requestIdOf(incoming: IncomingMessage): string
  /** The route and the client, as soon as they are known. */
  note(incoming: IncomingMessage, facts: { readonly route?: string; readonly client?: string }): void
  /** Renders a problem; what callers must not see of it goes to the log. */
  refuse(problem: Problem, incoming: IncomingMessage): RenderedProblem
  refuseUnparsed(problem: Problem, socket: Socket): RenderedProblem
}

interface Facts {
  readonly requestId: string
  route: string
  client: string | null
}

const NO_ROUTE = 'none'
/** Methods become labels: a stranger must not be able to make up any number of them. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']

export function createReporter(dependencies: ReporterDependencies, ownHost: string): Reporter {
  const { clock, random, log, metrics } = dependencies
  const known = new WeakMap<IncomingMessage, Facts>()

  const newId = (): string => random.uuid().replaceAll('-', '')

  function factsOf(incoming: IncomingMessage): Facts {
    const facts = known.get(incoming) ?? { requestId: newId(), route: NO_ROUTE, client: null }
    known.set(incoming, facts)
    return facts
  }

  function begin(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const startedAt = clock.now()
    const facts = factsOf(incoming)
    outgoing.setHeader('X-Request-Id', facts.requestId)
    const method = METHODS.includes(incoming.method ?? '') ? (incoming.method ?? '') : 'other'
    outgoing.once('close', () => {
      const status = outgoing.statusCode
      const seconds = Math.max(0, clock.now() - startedAt) / 1000
      metrics.onRequest({ method, route: facts.route, status, seconds })
      const path = (incoming.url ?? '').split('?')[0]
      log.info({ requestId: facts.requestId, method, path, status, seconds, client: facts.client }, 'request')
    })
  }

  function report(problem: Problem, requestId: string): void {
    const { family } = CATALOGUE[problem.code]
    const fields = { requestId, code: problem.code, detail: problem.detail, err: problem.cause ?? problem }
    if (family === 'internal') log.error(fields, 'fault')
    else log.debug({ ...fields, err: undefined, errors: problem.errors }, 'refused')
  }

  return {
    begin,
    requestIdOf: (incoming) => factsOf(incoming).requestId,
    note(incoming, { route, client }) {
      const facts = factsOf(incoming)
      facts.route = route ?? facts.route
      facts.client = client ?? facts.client
    },
    refuse(problem, incoming) {
      const { requestId } = factsOf(incoming)
      report(problem, requestId)
      const host = incoming.headers.host ?? ''
      return renderProblem(problem, {
        host: isHost(host) ? host : ownHost,
        method: incoming.method ?? '',
        requestId,
        clientIp: incoming.socket.remoteAddress ?? '',
        serverIp: incoming.socket.localAddress ?? '',
        at: clock.now(),
      })
    },
    refuseUnparsed(problem, socket) {
      const requestId = newId()
      report(problem, requestId)
      const { status } = CATALOGUE[problem.code]
      metrics.onRequest({ method: 'other', route: NO_ROUTE, status, seconds: 0 })
      const rendered = renderProblem(problem, {
        host: ownHost,
        method: '',
        requestId,
        clientIp: socket.remoteAddress ?? '',
        serverIp: socket.localAddress ?? '',
        at: clock.now(),
      })
      const date = new Date(clock.now()).toUTCString()
      return { ...rendered, headers: { ...rendered.headers, 'X-Request-Id': requestId, Date: date } }
    },
  }
}
