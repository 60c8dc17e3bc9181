import { createServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import {
  bindOnAll,
  type Bound,
  type BoundAddress,
  listenAt,
  type ListenOptions,
} from '../../inbound/listen.ts'
import type { EdgeGeneration, EdgeTrustSet } from '../../ports/edge.ts'
import { type TrustKey, trustKeyOf, trustKeyText } from '../trust.ts'
import { type Admission, type ClientCertificateJudge, refusalOf, turnAway } from './client-certificates.ts'
import { certainKeyOf } from './certificate-choice.ts'
import type { ClientHello } from './client-hello-message.ts'
import { ACME_TLS_PROTOCOL, type ChallengeRouteOptions, createChallengeRoutes } from './challenge-routes.ts'
import { createDispatcher, type Routing } from './dispatcher.ts'
import { createHttpVersions } from './http-versions.ts'
import { createNameTable } from '../name-table.ts'
import { NO_METRICS, type EdgeLog, type EdgeMetrics } from './observation.ts'
import { answerOf } from './page.ts'
import type { StapleFor } from './staples.ts'
import { createTerminators } from './terminators.ts'

/** Where a client that says no name gets what answers `name`, as long as that is for clients without SNI. */
export interface Slot extends ListenOptions {
  readonly name: string
}

export interface BoundSlot extends BoundAddress {
  readonly name: string
}

export interface EdgeNetworkOptions {
  readonly network: Network
  readonly listen: ListenOptions
  /** Listeners of their own for names whose clients need not say them (`sniOnly: false`). */
  readonly slots?: readonly Slot[]
  readonly log: EdgeLog
  readonly metrics?: EdgeMetrics
  /** How many generations have their keys parsed and ready at a time: about 40 kB each. */
  readonly contextLimit?: number
  readonly helloTimeoutMs?: number
  readonly handshakeTimeoutMs?: number
  readonly idleTimeoutMs?: number
  /** What handshakes and answers under way get at close. */
  readonly closeGraceMs?: number
  /** Judges clients where OpenSSL cannot; without it none of those is let in. */
  readonly judgeClient?: ClientCertificateJudge
  /** Answers tls-alpn-01 (RFC 8737); without it nobody does. */
  readonly challenges?: ChallengeRouteOptions['find']
  /** Finds the OCSP response that goes along with a certificate; without it none does. */
  readonly stapleFor?: StapleFor
}

/** The listeners of one network in this process. All but `close` are synchronous and hold from the next ClientHello on. */
export interface EdgeNetwork {
  readonly network: Network
  readonly addresses: readonly BoundAddress[]
  readonly slots: readonly BoundSlot[]
  /** Keeps a generation ready to be assigned; its keys stay sealed until a hello asks for it. Idempotent by id. */
  put(generation: EdgeGeneration): void
  /** All names at once; null takes a name back. Throws for an id that was not put, and then changes nothing. */
  assign(names: ReadonlyMap<string, DeploymentId | null>): void
  /** Forgets a generation and its parsed keys; connections already open go on. Throws while a name still points to it. */
  drop(id: DeploymentId): void
  /** Whose client certificates generations that name the set ask for from now on; null: nobody's. Before the first call they answer nobody. */
  trust(key: TrustKey, set: EdgeTrustSet | null): void
  /** Exact before wildcard; null: nothing answers. */
  servingOf(name: string): EdgeGeneration | null
  status(): EdgeNetworkStatus
  /** Within `closeGraceMs`. Idempotent. */
  close(): Promise<void>
}

export interface EdgeNetworkStatus {
  readonly generations: number
  readonly names: number
  readonly contexts: number
  readonly connections: number
}

const DEFAULTS = {
  contextLimit: 1_000,
  helloTimeoutMs: 5_000,
  handshakeTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  closeGraceMs: 2_000,
} as const

/** Resolves when every address is bound. Rejects with Node's own listen error. */
export async function createEdgeNetwork(given: EdgeNetworkOptions): Promise<EdgeNetwork> {
  const options = { ...DEFAULTS, metrics: NO_METRICS, ...given }
  const { network, metrics, log } = options
  const names = createNameTable(network)
  const sets = new Map<string, EdgeTrustSet | null>()
  const judge: ClientCertificateJudge = given.judgeClient ?? (() => 'nobody judges clients here')

  const dispatcher = createDispatcher({ ...options, route })
  const terminators = createTerminators({
    network,
    limit: options.contextLimit,
    metrics,
    secured,
    ...(given.stapleFor === undefined ? {} : { stapleFor: given.stapleFor }),
  })
  const http = createHttpVersions()
  const challengeRoute =
    options.challenges === undefined
      ? null
      : createChallengeRoutes({ find: options.challenges, secured: closeAfterProof, log })

  function route(hello: ClientHello, isAssumed: boolean): Routing {
    if (hello.serverName === null)
      return { kind: 'refuse', alert: 'unrecognized_name', outcome: 'missing-name' }
    // RFC 8737 section 3: a validation server offers nothing else.
    if (challengeRoute !== null && hello.alpnProtocols.join() === ACME_TLS_PROTOCOL)
      return { kind: 'later', route: challengeRoute(hello.serverName) }
    // `*.example.com` is a key of the table, not a name that a client may ask for.
    const generation = hello.serverName.includes('*') ? null : names.servingOf(hello.serverName)
    if (generation !== null && isAssumed && generation.settings.sniOnly)
      return { kind: 'refuse', alert: 'unrecognized_name', outcome: 'missing-name' }
    if (generation === null) return { kind: 'refuse', alert: 'unrecognized_name', outcome: 'unknown-name' }
    const key = trustKeyOf(generation)
    const set = key === null ? null : sets.get(trustKeyText(key))
    if (set === undefined) return { kind: 'refuse', alert: 'internal_error', outcome: 'trust-unknown' }
    try {
      return {
        kind: 'terminate',
        terminator: terminators.obtain(generation, set, certainKeyOf(generation, hello)),
      }
    } catch (error) {
      log.warn({ network, deployment: generation.id, reason: reasonOf(error) }, 'edge cannot use a key')
      return { kind: 'refuse', alert: 'internal_error', outcome: 'key-unusable' }
    }
  }

  /** RFC 8737 section 3: nothing is said over it. */
  function closeAfterProof(tls: TLSSocket): void {
    tls.on('error', () => {})
    if (dispatcher.secured(tls) === null) tls.destroy()
    else tls.end()
  }

  function secured(tls: TLSSocket, generation: EdgeGeneration, admission: Admission): void {
    const connection = dispatcher.secured(tls)
    if (connection === null || connection.serverName === null) {
      tls.destroy()
      return
    }
    const refusal = refusalOf(tls, admission, judge)
    if (refusal !== null) {
      log.debug({ name: connection.serverName, reason: refusal }, 'edge refused a client')
      metrics.clientRefused()
      turnAway(tls)
      return
    }
    const answer = answerOf(tls, connection.serverName, generation)
    const { name, deployment } = answer
    log.debug({ network, name, deployment, protocol: tls.getProtocol() }, 'edge served a handshake')
    http.serve(tls, connection, answer, connection.isAssumed ? generation.servedNames : [name])
  }

  const bind = (listen: ListenOptions, assumed: string | null) =>
    bindOnAll(listen, (at) =>
      listenAt(
        createServer({ noDelay: true }, (socket) => dispatcher.accept(socket, assumed)),
        at,
      ),
    )
  const { bound } = await bind(options.listen, null)
  const slots: (Bound & { readonly name: string })[] = []
  const closeListeners = () => Promise.all([...bound, ...slots].map((each) => each.close()))
  try {
    for (const { name, ...listen } of given.slots ?? [])
      slots.push(...(await bind(listen, name)).bound.map((each) => ({ ...each, name })))
  } catch (error) {
    await closeListeners()
    throw error
  }

  async function closeOnce(): Promise<void> {
    await Promise.all([closeListeners(), dispatcher.close(options.closeGraceMs)])
    terminators.clear()
  }
  let closed: Promise<void> | null = null

  return {
    network,
    addresses: bound.map(({ host, port }) => ({ host, port })),
    slots: slots.map(({ host, port, name }) => ({ host, port, name })),
    put: names.put,
    assign: names.assign,
    drop: (id) => {
      names.drop(id)
      terminators.forget(id)
    },
    trust: (key, set) => void sets.set(trustKeyText(key), set),
    servingOf: names.servingOf,
    status: () => ({
      ...names.counts(),
      contexts: terminators.size(),
      connections: dispatcher.openConnections(),
    }),
    close: () => (closed ??= closeOnce()),
  }
}

/** OpenSSL's and Problem's messages name what failed and hold no key material. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
