import { createAuthorityFiles } from '../authority/local/authority-files.ts'
import type { LocalRevocations } from '../authority/local/revocations.ts'
import type { Hierarchies } from '../authority/local/hierarchy.ts'
import { createDelegatedZone } from '../dns/delegated-zone.ts'
import { createEdgeHostNames } from '../dns/edge-host-names.ts'
import { createDnsResponder } from '../dns/responder.ts'
import { NETWORKS, type Network } from '../domain/network.ts'
import { createPlainHttp } from '../http/plain.ts'
import type { ListenOptions } from '../inbound/listen.ts'
import { challengeCertificate } from '../pki/challenge-certificate.ts'
import type { Clock } from '../ports/clock.ts'
import type { Failpoints } from '../ports/failpoints.ts'
import type { KeptZones } from '../ports/kept-zones.ts'
import type { PublishedNames, PublishedTlsChallenges } from '../ports/published-names.ts'
import type { Pause } from '../ports/pause.ts'
import { advertisedAddresses, advertisedHosts } from './advertised.ts'
import { startDirectoryEdge } from './directory-edge.ts'
import { type EdgeParts, hostAndPort, type LocalNetwork, register, startBuiltinEdge } from './edges.ts'
import { startHaproxyEdge } from './haproxy-edge.ts'
import type { ServiceSettings } from './settings.ts'

/** What this process listens on for the outside: both networks, plain HTTP, DNS. */
export interface EdgeSide {
  readonly networks: ReadonlyMap<Network, LocalNetwork>
  readonly ports: {
    readonly staging: number
    readonly production: number
    readonly http: number
    readonly dns: number
  }
}

export interface EdgeSideParts extends EdgeParts {
  readonly names: PublishedNames & PublishedTlsChallenges
  readonly keptZones: KeptZones
  readonly hierarchies: Hierarchies
  readonly revocations: LocalRevocations
  readonly lifecycle: Clock
  readonly pause: Pause
  readonly failpoints: Failpoints
}

export async function startEdgeSide(parts: EdgeSideParts, settings: ServiceSettings): Promise<EdgeSide> {
  const networks = new Map<Network, LocalNetwork>()
  for (const network of NETWORKS) networks.set(network, await startNetwork(parts, network, settings))
  const portOf = (network: Network) =>
    networks.get(network)?.network.addresses[0]?.port ?? settings.ports[network]
  const http = await startPlainHttp(parts, settings, () => portOf('production'))
  const dns = await startDns(parts, settings)
  return { networks, ports: { staging: portOf('staging'), production: portOf('production'), http, dns } }
}

function startNetwork(
  parts: EdgeSideParts,
  network: Network,
  settings: ServiceSettings,
): Promise<LocalNetwork> {
  const edge = settings.edges[network]
  if (edge.kind === 'haproxy') return startHaproxyEdge(parts, network, edge)
  if (edge.kind === 'directory') return startDirectoryEdge(parts, network, edge)
  const challenges = network === 'production' ? { challenges: challengesOf(parts) } : {}
  const slots = edge.slots.map(({ host, port, name }) => ({ hosts: [host], port, name }))
  const contextLimit = settings.edgeReadyCertificates
  const options = { listen: listenOn(settings, network), slots, contextLimit, ...challenges }
  return startBuiltinEdge(parts, network, options, settings)
}

/** A certificate for each handshake: a validation server comes a few times, from several places. */
const challengesOf =
  ({ names, random, real }: EdgeSideParts) =>
  async (name: string) => {
    const keyAuthorization = await names.tlsChallenge(name)
    return keyAuthorization === null
      ? null
      : challengeCertificate({ name, keyAuthorization, at: real.now() }, random)
  }

async function startPlainHttp(
  parts: EdgeSideParts,
  settings: ServiceSettings,
  productionPort: () => number,
): Promise<number> {
  const { names, hierarchies, revocations, lifecycle, log, closers } = parts
  const files = createAuthorityFiles({ hierarchy: hierarchies.sandbox, revocations, clock: lifecycle })
  const server = await createPlainHttp({
    listen: listenOn(settings, 'http'),
    names,
    authorityFiles: async (name) => files.find(name),
    productionPort,
    challengeHosts: [settings.challengeHost ?? settings.apiNames[0] ?? 'localhost'],
    edgeId: settings.instance.slice(settings.instance.lastIndexOf('-') + 1),
    log,
  })
  closers.add('plain HTTP', () => server.close())
  const addresses = advertisedAddresses(settings, server.addresses).map(hostAndPort)
  await register(parts, { id: 'http', network: 'http', addresses })
  return server.port
}

async function startDns(
  { names, keptZones, log, closers }: EdgeSideParts,
  settings: ServiceSettings,
): Promise<number> {
  const responder = await createDnsResponder({
    listen: listenOn(settings, 'dns'),
    names,
    zones: [...delegatedZones(settings, names), ...edgeHostNames(settings)],
    keptZones,
    addresses: advertisedHosts(settings),
    log,
  })
  closers.add('DNS responder', () => responder.close())
  return responder.port
}

/** In life these names are the original service's own. */
const edgeHostNames = (settings: ServiceSettings) =>
  settings.mode === 'sandbox' ? [createEdgeHostNames({ addresses: advertisedHosts(settings) })] : []

const delegatedZones = ({ delegation }: ServiceSettings, names: PublishedNames) =>
  delegation === null ? [] : [createDelegatedZone({ ...delegation, names })]

const listenOn = (settings: ServiceSettings, what: keyof EdgeSide['ports']): ListenOptions => ({
  hosts: settings.hosts,
  port: settings.ports[what],
  passOverMissing: settings.passOverMissingHosts,
})
