import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { UseCases } from '../app/use-cases.ts'
import type { Caller } from '../app/views.ts'
import type { Verifier } from '../edgegrid/verify.ts'
import { Problem } from '../errors/problem.ts'
import type { WireContext } from '../wire/row.ts'
import { certrailRoutes } from './certrail-routes.ts'
import { cpsRoutes } from './cps-routes.ts'
import { type Answer, type Exchange, NO_CONTENT, type ReceivedBody } from './exchange.ts'
import { zoneRoutes } from './zone-routes.ts'
import { recordSetRoutes } from './record-set-routes.ts'
import { requireGrant } from './grants.ts'
import type { RateLimits } from '../ports/rate-limits.ts'
import type { OpenRequests } from './open-requests.ts'
import { openApiDocument } from './openapi.ts'
import { papiRoutes } from './papi-routes.ts'
import { asProblem } from './problem-json.ts'
import { type RawTarget, readTarget } from './raw-target.ts'
import { countCall } from './rate-limiting.ts'
import { readBody } from './read-body.ts'
import type { Reporter } from './reporter.ts'
import type { Route } from './route.ts'

export interface ApiAppOptions {
  readonly useCases: UseCases
  readonly verifier: Verifier
  readonly wire: WireContext
  readonly serviceNames: readonly string[]
  readonly bodyLimitBytes: number
  /** The lifecycle clock can be turned. */
  readonly sandbox: boolean
  readonly rootPage: () => string
  /** Null: there are none. */
  readonly rateLimits: RateLimits | null
  readonly reporter: Reporter
  readonly open: OpenRequests
}

type ApiContext = Context<{ Bindings: HttpBindings }>

/**
 * Both APIs as one Hono application. The order of refusals is signature, rate limit, route, grant, account, media type, body, state: whoever has
 * no valid signature learns nothing else, and whoever may not see an object hears only that it is not there.
 */
export function createApiApp(options: ApiAppOptions): Hono<{ Bindings: HttpBindings }> {
  const { reporter } = options
  const routes = allRoutes(options)
  const app = new Hono<{ Bindings: HttpBindings }>({
    // The raw path, as signed: a parsed URL folds `/a/..` and would route something else.
    getPath: (_, context) => targetOf((context as { env: HttpBindings }).env.incoming).path,
  })

  for (const route of routes)
    app.on(route.method, [route.path], (context) =>
      answering(context, route.path, () => serve(context, route)),
    )
  for (const [path, allowed] of methodsByPath(routes))
    app.all(path, (context) => answering(context, path, () => refuseMethod(context, path, allowed)))
  app.notFound((context) => answering(context as ApiContext, null, () => refusePath(context as ApiContext)))

  async function answering(
    context: ApiContext,
    route: string | null,
    act: () => Promise<Answer>,
  ): Promise<Response> {
    const { incoming } = context.env
    if (route !== null) reporter.note(incoming, { route })
    try {
      const { status, mediaType, body, headers } = await act()
      // A Response refuses any body beside this status, even an empty one.
      if (status === NO_CONTENT.status) return new Response(null, { status, ...(headers && { headers }) })
      return new Response(body, { status, headers: { ...headers, 'Content-Type': mediaType } })
    } catch (error) {
      const { status, headers, body } = reporter.refuse(asProblem(error), incoming)
      return new Response(body, { status, headers })
    }
  }

  async function serve(context: ApiContext, route: Route): Promise<Answer> {
    if (route.access === 'open') return route.answer(exchangeOf(context, await receive(context)))
    const { exchange, caller } = await authenticated(context)
    requireGrant(route.access, caller)
    // Not by spreading, which would ask for the signal.
    return route.answer(Object.assign(exchange, { caller }))
  }

  async function refuseMethod(
    context: ApiContext,
    path: string,
    allowed: readonly string[],
  ): Promise<Answer> {
    if (!routes.some((route) => route.path === path && route.access === 'open')) await authenticated(context)
    throw new Problem('method-not-allowed', {
      detail: `${context.env.incoming.method} is not available here.`,
      members: { allow: allowed },
    })
  }

  async function refusePath(context: ApiContext): Promise<Answer> {
    const { exchange } = await authenticated(context)
    if (/^\/(cps|certrail)(\/|$)/.test(exchange.path)) throw new Problem('not-found')
    throw new Problem('not-part-of-certrail', {
      detail: `${exchange.path} is not part of Certrail.`,
      members: { path: exchange.path },
    })
  }

  async function authenticated(context: ApiContext): Promise<{ exchange: Exchange; caller: Caller }> {
    const { incoming } = context.env
    const exchange = exchangeOf(context, await receive(context))
    const verified = await options.verifier.verify({
      method: exchange.method,
      rawPath: incoming.url ?? '',
      host: exchange.host,
      authorization: exchange.header('authorization'),
      body: exchange.body.bytes,
    })
    reporter.note(incoming, { client: verified.clientId })
    const { outgoing } = context.env
    await countCall(options.rateLimits, { accountId: verified.accountId, path: exchange.path, outgoing })
    return {
      exchange,
      caller: { ...verified, requestId: exchange.requestId, source: incoming.socket.remoteAddress ?? '' },
    }
  }

  const receive = (context: ApiContext): Promise<ReceivedBody> =>
    readBody(context.env.incoming, options.bodyLimitBytes)

  function exchangeOf(context: ApiContext, body: ReceivedBody): Exchange {
    const { incoming } = context.env
    const { path, query } = targetOf(incoming)
    return {
      method: incoming.method ?? '',
      path,
      query: new URLSearchParams(query),
      host: incoming.headers.host ?? '',
      requestId: reporter.requestIdOf(incoming),
      parameters: context.req.param() as Record<string, string>,
      body,
      get signal() {
        return options.open.signalOf(incoming)
      },
      header: (name) => headerOf(incoming, name),
    }
  }

  return app
}

function allRoutes(options: ApiAppOptions): readonly Route[] {
  const { useCases, wire, serviceNames, sandbox } = options
  let document: object | null = null
  const openApi = (): object => {
    document ??= openApiDocument(routes)
    return document
  }
  const routes: readonly Route[] = [
    rootRoute(options.rootPage),
    ...cpsRoutes({ useCases, wire, serviceNames }),
    ...papiRoutes(useCases),
    ...zoneRoutes(useCases),
    ...recordSetRoutes(useCases),
    ...certrailRoutes({ useCases, wire, openApi, sandbox }),
  ]
  return routes
}

const rootRoute = (page: () => string): Route => ({
  method: 'GET',
  path: '/',
  operationId: 'getRootPage',
  summary: 'Addresses and the first command, as a page',
  access: 'open',
  success: [200],
  answerType: 'text/html',
  answer: async () => ({
    status: 200,
    mediaType: 'text/html; charset=utf-8',
    headers: { 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'" },
    body: page(),
  }),
})

/** HEAD comes with every GET (RFC 9110 section 9.3.2). */
function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, string[]>()
  for (const route of routes) {
    const methods = paths.get(route.path) ?? []
    paths.set(route.path, [...methods, ...(route.method === 'GET' ? ['GET', 'HEAD'] : [route.method])])
  }
  return paths
}

const targetOf = (incoming: IncomingMessage): RawTarget => readTarget(incoming.url ?? '')

function headerOf(incoming: IncomingMessage, name: string): string | null {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? null)
}
