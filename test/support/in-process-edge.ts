import type { DeploymentId } from '../../src/domain/identifiers.ts'
import { createBuiltinEdge } from '../../src/edge/builtin/builtin-edge.ts'
import type { EdgeNetwork } from '../../src/edge/builtin/edge-network.ts'
import type { Probe } from '../../src/edge/probe.ts'
import type { Edge } from '../../src/ports/edge.ts'
import { allNamesOf } from './edge-generation.ts'

/** A built-in edge whose wishes go straight to the network, without a database between them. */
export function inProcessEdge(network: EdgeNetwork, probe: Probe): Edge {
  return createBuiltinEdge({
    id: 'in-process',
    network: network.network,
    addresses: () => network.addresses,
    publish: async (generation) => {
      network.put(generation)
      network.assign(allNamesOf(generation))
    },
    withdraw: async (id, names) => {
      const own = names.filter((name) => network.servingOf(name)?.id === id)
      network.assign(new Map(own.map((name): [string, DeploymentId | null] => [name, null])))
    },
    probe,
    probeTimeoutMs: 5_000,
  })
}
