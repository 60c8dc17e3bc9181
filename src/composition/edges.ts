import { edgeGeneration } from '../app/generation.ts'
import { accountId, type DeploymentId, deploymentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import { createBuiltinEdge } from '../edge/builtin/builtin-edge.ts'
import { createEdgeNetwork, type EdgeNetworkOptions } from '../edge/builtin/edge-network.ts'
import { createStapleFor, type StapleFor } from '../edge/builtin/staples.ts'
import { createTriedNetwork } from '../edge/builtin/tried-network.ts'
import {
  createFollower,
  type Follower,
  type KeepsLoaded,
  type SteeredNetwork,
  type WishSource,
} from '../edge/follow.ts'
import {
  createTrustFollower,
  type TrustFollower,
  type TrustingNetwork,
  type TrustSource,
} from '../edge/trust.ts'
import type { ClientCertificateJudge } from '../edge/builtin/client-certificates.ts'
import { clientCertificateFault } from '../pki/client-certificate.ts'
import { createCertificateReader } from '../pki/certificate-reader.ts'
import type { Clock } from '../ports/clock.ts'
import { inTurn } from '../edge/in-turn.ts'
import { createProbe, type Probe } from '../edge/probe.ts'
import { servingDigest } from '../edge/serving-digest.ts'
import { type Address, createProveCertificate } from '../edge/prove-certificate.ts'
import { every } from '../jobs/every.ts'
import type { Logger } from '../observe/log.ts'
import type { Edge, EdgeGeneration } from '../ports/edge.ts'
import type { EdgeDirectory, EdgeStatus } from '../ports/edge-directory.ts'
import type { Random } from '../ports/random.ts'
import type { Staples } from '../ports/staples.ts'
import type { Secrets } from '../ports/secrets.ts'
import { EDGE_HEARTBEAT_MS, type EdgeListenerRecord, type EdgeListeners } from '../store/edge-listeners.ts'
import { EDGE_CHANNEL, TRUST_CHANNEL } from '../store/channels.ts'
import type { EdgeWishes } from '../store/edge-wishes.ts'
import type { Listener } from '../store/listener.ts'
import { advertisedAddresses, advertisedSlot, type Advertises } from './advertised.ts'
import type { Closers } from './closers.ts'

/** What an edge that missed a notification needs at most to be right again. */
export const FOLLOW_ALL_EVERY_MS = 60_000
export const PROBE_TIMEOUT_MS = 3_000
/** Handshakes of kinds of client with one network, as docs/comparison.md says. */
const MEETINGS_AT_ONCE = 8

/** How long an edge may go on with an OCSP response that a newer one has replaced. */
const STAPLE_FRESH_MS = 60_000
/** What this very process does TLS with. */
const BUILT_IN: Described = {
  version: `Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
  capabilities: ['TLSv1.2', 'TLSv1.3', 'h2', 'dual-stack', 'client-certificates', 'tls-alpn-01'],
  fault: null,
}

/** Private, on a port that nobody is told. */
const CANDIDATE = { hosts: ['127.0.0.1'], port: 0, passOverMissing: false } as const

export interface EdgeParts {
  readonly wishes: EdgeWishes
  readonly listeners: EdgeListeners
  readonly secrets: Secrets
  readonly random: Random
  /** Clients' certificates face us now: they live by the real clock. */
  readonly real: Clock
  readonly notes: Listener
  readonly log: Logger
  readonly closers: Closers
  /** Names this installation among those that share a database; the same after a restart. */
  readonly instance: string
  /** Names this process in what edges are told: what it does itself it tells its own edges directly. */
  readonly origin: string
  readonly staples: Pick<Staples, 'of'>
  /** How long what was replaced stays loaded. */
  readonly keepsLoadedMs: number
}

/** A network that is served from this process, whatever carries it out. */
export interface LocalNetwork {
  /** Where clients come in. */
  readonly network: { readonly addresses: readonly Address[] }
  readonly follower: Follower
  /** Null: it serves nothing that asks for client certificates. */
  readonly trust: TrustFollower | null
}

/** What terminates TLS, as the running one says now. */
export type Described = Pick<EdgeStatus, 'version' | 'capabilities' | 'fault'>

/** The built-in edge of one network in this process: listens, follows the database, shows that it lives. */
export async function startBuiltinEdge(
  parts: EdgeParts,
  network: Network,
  options: Pick<EdgeNetworkOptions, 'listen' | 'slots' | 'challenges' | 'contextLimit'>,
  advertises: Pick<Advertises, 'advertisedHosts'>,
): Promise<LocalNetwork> {
  const { log, closers } = parts
  const judgeClient = clientJudge(parts)
  const stapleFor = stapleSource(parts)
  const served = await createEdgeNetwork({ ...options, network, log, judgeClient, stapleFor })
  closers.add(`${network} network`, () => served.close())
  const candidate = await createEdgeNetwork({ network, listen: CANDIDATE, log, judgeClient })
  closers.add(`${network} candidate`, () => candidate.close())
  const prove = createProveCertificate(createProbe({ random: parts.random }), PROBE_TIMEOUT_MS)
  const { split } = createCertificateReader()
  const tried = createTriedNetwork({ network: served, candidate, prove, split })
  const trust = createTrustFollower(trustSource(parts, network), {
    ...tried,
    trust: (key, set) => {
      for (const each of [candidate, served]) each.trust(key, set)
    },
  })
  const follower = createFollower(wishSource(parts, network), trust, keepsLoaded(parts))
  await follower.followAll()
  keepFollowing(parts, network, { follower, trust, everyMs: FOLLOW_ALL_EVERY_MS })
  const status = async () => ({ kind: 'builtin' as const, ...BUILT_IN, ...follower.serving() })
  const record = {
    id: `builtin-${network}`,
    network,
    addresses: advertisedAddresses(advertises, served.addresses).map(hostAndPort),
    slots: served.slots.flatMap(({ name, ...bound }) =>
      advertisedSlot(advertises, bound).map((address) => ({ name, address: hostAndPort(address) })),
    ),
  }
  await register(parts, record, status)
  return { network: served, follower, trust }
}

export const stapleSource = (
  { staples, real }: Pick<EdgeParts, 'staples' | 'real'>,
  freshMs = STAPLE_FRESH_MS,
): StapleFor => createStapleFor({ read: (id) => staples.of(id), now: () => real.now(), freshMs })

/** A network that another server beside this process serves: it follows the database, and shows that it lives. It need not run yet. */
export async function startSteeredEdge(
  parts: EdgeParts,
  network: Network,
  edge: {
    readonly setting: { readonly kind: 'haproxy' | 'directory'; readonly addresses: readonly Address[] }
    /** `isSound`: what it serves is what it was led to, as far as a quick look tells. */
    readonly steered: SteeredNetwork &
      Partial<Pick<TrustingNetwork, 'trust'>> & { isSound?(): Promise<boolean> }
    readonly everyMs: number
    readonly lookEveryMs?: number
    readonly describe: () => Promise<Described>
  },
): Promise<LocalNetwork> {
  const { setting, steered, everyMs, lookEveryMs = everyMs, describe } = edge
  const trust =
    steered.trust === undefined
      ? null
      : createTrustFollower(trustSource(parts, network), { ...steered, trust: steered.trust })
  const follower = createFollower(wishSource(parts, network), trust ?? steered, keepsLoaded(parts))
  const addresses = setting.addresses.map(hostAndPort)
  const status = async () => ({ kind: setting.kind, ...(await describe()), ...follower.serving() })
  await register(parts, { id: `${setting.kind}-${network}`, network, addresses }, status)
  const { quietly } = keepFollowing(parts, network, { follower, trust, everyMs })
  void quietly(follower.followAll())
  const look = async (): Promise<void> => {
    if ((await steered.isSound?.()) === false) await follower.followAll()
  }
  const looks = every(lookEveryMs, () => quietly(look()), parts.log)
  parts.closers.add(`${network} looks`, () => looks.close())
  return { network: setting, follower, trust }
}

/** Each notification at once, everything again after a lost connection and now and then. */
function keepFollowing(
  { notes, log, closers, origin }: EdgeParts,
  network: Network,
  { follower, trust, everyMs }: Pick<LocalNetwork, 'follower' | 'trust'> & { readonly everyMs: number },
): { readonly quietly: (work: Promise<void> | undefined) => Promise<void> } {
  let lastSaid = ''
  /** An edge that is away says the same every few seconds: once is enough. */
  const quietly = async (work: Promise<void> | undefined): Promise<void> => {
    try {
      await work
      lastSaid = ''
    } catch (error) {
      const said = error instanceof Error ? error.message : ''
      if (said !== lastSaid)
        log.warn({ err: error, network }, 'an edge could not follow the database; it serves what it has')
      lastSaid = said
    }
  }
  const followEverything = async (): Promise<void> => {
    await trust?.refreshAll()
    await follower.followAll()
  }
  const unsubscribe = notes.subscribe((note) => {
    if (note === null) {
      void quietly(followEverything())
      return
    }
    if (note.channel === TRUST_CHANNEL) {
      const [account = '', set = ''] = note.payload.split(' ')
      void quietly(trust?.refresh({ accountId: accountId(account), setId: set }))
      return
    }
    const [of, id = '', from] = note.payload.split(' ')
    const concernsUs = note.channel === EDGE_CHANNEL && of === network && from !== origin
    if (concernsUs) void quietly(follower.follow(deploymentId(id)))
  })
  const repair = every(everyMs, () => quietly(followEverything()), log)
  closers.add(`${network} follower`, async () => {
    unsubscribe()
    await repair.close()
  })
  return { quietly }
}

/** Sets hold one certificate in each text, written by us. */
function clientJudge({ real }: EdgeParts): ClientCertificateJudge {
  const reader = createCertificateReader()
  return (chain, authorities) =>
    clientCertificateFault(
      chain,
      authorities.flatMap((pem) => reader.split(pem)),
      real.now(),
    )
}

/** The id is stable over restarts, so that a new process takes the place of the one that was killed. */
export async function register(
  { listeners, notes, log, closers, instance }: EdgeParts,
  served: Omit<EdgeListenerRecord, 'status'>,
  status: () => Promise<EdgeStatus | null> = async () => null,
): Promise<void> {
  const record = { ...served, id: `${served.id}@${instance}` }
  const beat = async () => listeners.beat({ ...record, status: await status() })
  await beat()
  const heart = every(EDGE_HEARTBEAT_MS, beat, log)
  // A database that is back finds old heartbeats: who lives says so at once.
  const unsubscribe = notes.subscribe((note) => {
    if (note === null) beat().catch(() => {})
  })
  closers.add(`${served.network} heartbeat`, async () => {
    unsubscribe()
    await heart.close()
    await listeners.leave(record.id)
  })
}

export const hostAndPort = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

const trustSource = ({ wishes }: EdgeParts, network: Network): TrustSource => ({
  trustSet: (account, set) => wishes.trustSet(network, account, set),
})

const keepsLoaded = ({ keepsLoadedMs: keepMs, real }: EdgeParts): KeepsLoaded => ({
  keepMs,
  now: () => real.now(),
})

const wishSource = ({ wishes, secrets }: EdgeParts, network: Network): WishSource => ({
  names: () => wishes.names(network),
  namesTouchedBy: (id) => wishes.namesTouchedBy(network, id),
  generations: async (ids) =>
    (await wishes.deployments(ids)).map(({ deployment, certificates }) =>
      edgeGeneration(secrets, deployment, certificates),
    ),
})

/** Every process that shows that it serves a network. The one in this process is told directly, the others follow the notification of the commit. */
export function createEdgeDirectory(
  { listeners, wishes }: Pick<EdgeParts, 'listeners' | 'wishes'>,
  local: ReadonlyMap<Network, LocalNetwork>,
  random: Random,
): EdgeDirectory {
  const probe = createProbe({ random })
  const meetingProbes = { staging: boundedProbe(probe), production: boundedProbe(probe) }
  const followHere = async (network: Network, id: DeploymentId, generation?: EdgeGeneration) =>
    local.get(network)?.follower.follow(id, generation)
  return {
    async edgesOf(network) {
      const records = await listeners.of(network)
      return records.map(
        ({ id, addresses, slots }): Edge =>
          createBuiltinEdge({
            id,
            network,
            addresses: () => addresses.map(parseAddress),
            slots: () => slots.map(({ name, address }) => ({ name, ...parseAddress(address) })),
            publish: (published) => followHere(network, published.id, published),
            withdraw: (deployment) => followHere(network, deployment),
            probe,
            meetingProbe: meetingProbes[network],
            probeTimeoutMs: PROBE_TIMEOUT_MS,
          }),
      )
    },
    reports: async () =>
      (await listeners.all()).flatMap((heard) =>
        heard.network === 'http' ? [] : [{ ...heard, network: heard.network }],
      ),
    async wishOf(network) {
      const names = await wishes.names(network)
      return { names: names.size, digest: servingDigest(names) }
    },
    async trustChanged(account, set) {
      const key = { accountId: account, setId: set }
      const trusting = [...local.values()].flatMap(({ trust }) => (trust === null ? [] : [trust]))
      await Promise.all(trusting.map((trust) => trust.refresh(key)))
    },
    slotsOf: async (network) => (await listeners.of(network)).flatMap(({ slots }) => slots),
    addressesOf: async (network) => (await listeners.of(network)).flatMap(({ addresses }) => addresses),
  }
}

/** Of every comparison in this process together, for each network by itself: an edge of production that is away keeps nobody from staging. */
function boundedProbe(probe: Probe): Probe {
  const takeTurn = inTurn(MEETINGS_AT_ONCE)
  return (target) => takeTurn(() => probe(target))
}

function parseAddress(address: string): { host: string; port: number } {
  const separator = address.lastIndexOf(':')
  return {
    host: address.slice(0, separator).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(separator + 1)),
  }
}
