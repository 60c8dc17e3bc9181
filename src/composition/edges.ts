import { edgeGeneration } from '../app/generation.ts'
import { accountId, type DeploymentId, deploymentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import { createBuiltinEdge } from '../edge/builtin/builtin-edge.ts'
import { createEdgeNetwork, type EdgeNetwork, type EdgeNetworkOptions } from '../edge/builtin/edge-network.ts'
import { createFollower, type Follower, type WishSource } from '../edge/follow.ts'
import { createTrustFollower, type TrustFollower } from '../edge/trust.ts'
import type { ClientCertificateJudge } from '../edge/builtin/client-certificates.ts'
import { clientCertificateFault } from '../pki/client-certificate.ts'
import { createCertificateReader } from '../pki/certificate-reader.ts'
import type { Clock } from '../ports/clock.ts'
import { createProbe } from '../edge/probe.ts'
import { every } from '../jobs/every.ts'
import type { Logger } from '../observe/log.ts'
import type { Edge, EdgeGeneration } from '../ports/edge.ts'
import type { EdgeDirectory } from '../ports/edge-directory.ts'
import type { Random } from '../ports/random.ts'
import type { Secrets } from '../ports/secrets.ts'
import { EDGE_HEARTBEAT_MS, type EdgeListenerRecord, type EdgeListeners } from '../store/edge-listeners.ts'
import { EDGE_CHANNEL, TRUST_CHANNEL } from '../store/channels.ts'
import type { EdgeWishes } from '../store/edge-wishes.ts'
import type { Listener } from '../store/listener.ts'
import type { Closers } from './closers.ts'

/** What an edge that missed a notification needs at most to be right again. */
const FOLLOW_ALL_EVERY_MS = 60_000
const PROBE_TIMEOUT_MS = 3_000

export interface EdgeParts {
  readonly wishes: EdgeWishes
  readonly listeners: EdgeListeners
  readonly secrets: Secrets
  /** Clients' certificates face us now: they live by the real clock. */
  readonly real: Clock
  readonly notes: Listener
  readonly log: Logger
  readonly closers: Closers
  /** Names this installation among those that share a database; the same after a restart. */
  readonly instance: string
  /** Names this process in what edges are told: what it does itself it tells its own edges directly. */
  readonly origin: string
}

export interface LocalNetwork {
  readonly network: EdgeNetwork
  readonly follower: Follower
  readonly trust: TrustFollower
}

/** The built-in edge of one network in this process: listens, follows the database, shows that it lives. */
export async function startEdgeNetwork(
  parts: EdgeParts,
  network: Network,
  options: Pick<EdgeNetworkOptions, 'listen' | 'challenges'>,
): Promise<LocalNetwork> {
  const { notes, log, closers, origin } = parts
  const served = await createEdgeNetwork({ ...options, network, log, judgeClient: clientJudge(parts) })
  closers.add(`${network} network`, () => served.close())
  const trust = createTrustFollower(
    { trustSet: (account, set) => parts.wishes.trustSet(network, account, set) },
    served,
  )
  const follower = createFollower(wishSource(parts, network), trust)
  await follower.followAll()
  const followEverything = async (): Promise<void> => {
    await trust.refreshAll()
    await follower.followAll()
  }
  const quietly = (work: Promise<void>) =>
    work.catch((error: unknown) =>
      log.warn({ err: error, network }, 'an edge could not follow the database; it serves what it has'),
    )
  const unsubscribe = notes.subscribe((note) => {
    if (note === null) {
      void quietly(followEverything())
      return
    }
    if (note.channel === TRUST_CHANNEL) {
      const [account = '', set = ''] = note.payload.split(' ')
      void quietly(trust.refresh({ accountId: accountId(account), setId: set }))
      return
    }
    const [of, id = '', from] = note.payload.split(' ')
    const concernsUs = note.channel === EDGE_CHANNEL && of === network && from !== origin
    if (concernsUs) void quietly(follower.follow(deploymentId(id)))
  })
  const repair = every(FOLLOW_ALL_EVERY_MS, followEverything, log)
  closers.add(`${network} follower`, async () => {
    unsubscribe()
    await repair.close()
  })
  await register(parts, {
    id: `builtin-${served.network}`,
    network: served.network,
    addresses: served.addresses.map(({ host, port }) => hostAndPort(host, port)),
  })
  return { network: served, follower, trust }
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
  served: EdgeListenerRecord,
): Promise<void> {
  const record = { ...served, id: `${served.id}@${instance}` }
  await listeners.beat(record)
  const heart = every(EDGE_HEARTBEAT_MS, () => listeners.beat(record), log)
  // A database that is back finds old heartbeats: who lives says so at once.
  const unsubscribe = notes.subscribe((note) => {
    if (note === null) listeners.beat(record).catch(() => {})
  })
  closers.add(`${served.network} heartbeat`, async () => {
    unsubscribe()
    await heart.close()
    await listeners.leave(record.id)
  })
}

export const hostAndPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

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
  parts: Pick<EdgeParts, 'listeners'>,
  local: ReadonlyMap<Network, LocalNetwork>,
  random: Random,
): EdgeDirectory {
  const probe = createProbe({ random })
  const followHere = async (network: Network, id: DeploymentId, generation?: EdgeGeneration) =>
    local.get(network)?.follower.follow(id, generation)
  return {
    async edgesOf(network) {
      const records = await parts.listeners.of(network)
      return records.map(
        ({ id, addresses }): Edge =>
          createBuiltinEdge({
            id,
            network,
            addresses: () => addresses.map(parseAddress),
            publish: (published) => followHere(network, published.id, published),
            withdraw: (deployment) => followHere(network, deployment),
            probe,
            probeTimeoutMs: PROBE_TIMEOUT_MS,
          }),
      )
    },
    async trustChanged(account, set) {
      const all = [...local.values()].map(({ trust }) => trust.refresh({ accountId: account, setId: set }))
      await Promise.all(all)
    },
    addressesOf: async (network) => (await parts.listeners.of(network)).flatMap(({ addresses }) => addresses),
  }
}

function parseAddress(address: string): { host: string; port: number } {
  const separator = address.lastIndexOf(':')
  return {
    host: address.slice(0, separator).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(separator + 1)),
  }
}
