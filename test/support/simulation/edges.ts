import { expectedOf, type Promised } from '../../../src/domain/comparison/expectation.ts'
import { tlsPolicy } from '../../../src/domain/tls-policy/tls-policy.ts'
import type { DeploymentId } from '../../../src/domain/identifiers.ts'
import type { Network } from '../../../src/domain/network.ts'
import type { Instant } from '../../../src/domain/time.ts'
import { Problem } from '../../../src/errors/problem.ts'
import type { Edge, EdgeGeneration } from '../../../src/ports/edge.ts'
import type { EdgeDirectory } from '../../../src/ports/edge-directory.ts'
import { readPaper, simulatedReader } from './papers.ts'
import { digestOf } from './seeded.ts'
import { isIn, type Trouble } from './troubles.ts'

export interface SimulatedEdges extends EdgeDirectory {
  /** What the network answers for a name. */
  served(network: Network, name: string): EdgeGeneration | null
}

export interface EdgesLife {
  /** Nothing reaches them, and they serve what they had. */
  readonly lost: Readonly<Record<Network, readonly Trouble[]>>
  /** They take everything, and go on serving what they had. */
  readonly late: Readonly<Record<Network, readonly Trouble[]>>
  /** Which deployment the database wants a name to be answered with. */
  readonly wish: (network: Network, name: string) => DeploymentId | null
  readonly onServed: (generation: EdgeGeneration) => void
}

const promisedBy = ({ certificates, settings }: EdgeGeneration): Promised => ({
  policy: tlsPolicy(settings),
  sniOnly: settings.sniOnly,
  certificates: certificates.map(({ keyAlgorithm }) => ({ keyAlgorithm, sent: [] })),
})

/** One edge for each network, of those that follow what the database says. */
export function createSimulatedEdges(now: () => Instant, life: EdgesLife): SimulatedEdges {
  const names: Record<Network, Map<string, EdgeGeneration>> = { staging: new Map(), production: new Map() }
  const known = new Map<DeploymentId, EdgeGeneration>()
  const isLost = (network: Network) => isIn(life.lost[network], now())

  /** As the real ones: whoever can be reached serves what the database says, also what it missed meanwhile. */
  function follow(network: Network, name: string): void {
    if (isLost(network) || isIn(life.late[network], now())) return
    const wished = life.wish(network, name)
    const generation = wished === null ? undefined : known.get(wished)
    if (generation?.id === names[network].get(name)?.id) return
    if (generation === undefined) names[network].delete(name)
    else names[network].set(name, generation)
    if (generation !== undefined) life.onServed(generation)
  }
  const edgeOf = (network: Network): Edge => {
    const requireThere = () => {
      if (isLost(network)) throw new Problem('edge-unreachable')
    }
    const edge: Edge = {
      id: `${network}-1`,
      probeWithoutName: async () => [],
      network,
      async deploy(generation) {
        known.set(generation.id, generation)
        requireThere()
        for (const name of generation.servedNames) follow(network, name)
      },
      async withdraw(_id, withdrawn) {
        requireThere()
        for (const name of withdrawn) follow(network, name)
      },
      async probe(serverName) {
        requireThere()
        follow(network, serverName)
        const [certificate] = names[network].get(serverName)?.certificates ?? []
        if (certificate === undefined) throw new Problem('edge-unreachable', { detail: 'no such name' })
        return {
          certificateOctets: certificate.certificatePem.length,
          address: `${network}:443`,
          serverName,
          protocol: 'TLSv1.3',
          cipher: 'TLS_AES_128_GCM_SHA256',
          alpn: null,
          certificates: [certificate.certificatePem, certificate.chainPem].flatMap(simulatedReader.split),
          serialNumber: readPaper(certificate.certificatePem).serial,
          fingerprint: digestOf(certificate.certificatePem),
        }
      },
      // As it is promised: what kinds of client meet on the wire is asked of real edges.
      async meet(clients, [name = ''], signal) {
        if (isLost(network)) return clients.map(() => ['unreachable'])
        const generation = names[network].get(name)
        return Promise.all(
          clients.map(async (offer) => {
            if (!offer.saysName) return []
            const expected = generation === undefined ? null : expectedOf(offer, promisedBy(generation))
            if (expected === null) return ['refused']
            return [{ ...(await edge.probe(name, signal)), protocol: expected.protocol }]
          }),
        )
      },
    }
    return edge
  }
  const edges = { staging: [edgeOf('staging')], production: [edgeOf('production')] }
  return {
    edgesOf: async (network) => edges[network],
    addressesOf: async (network) => [`${network}:443`],
    trustChanged: async () => {},
    slotsOf: async () => [],
    reports: async () => [],
    wishOf: async () => ({ names: 0, digest: '' }),
    served(network, name) {
      follow(network, name)
      return names[network].get(name) ?? null
    },
  }
}
