import type { DeploymentId } from '../../src/domain/identifiers.ts'
import type { Network } from '../../src/domain/network.ts'
import { createBuiltinEdge } from '../../src/edge/builtin/builtin-edge.ts'
import type { SteeredNetwork } from '../../src/edge/follow.ts'
import type { Probe } from '../../src/edge/probe.ts'
import type { Edge, EdgeGeneration } from '../../src/ports/edge.ts'
import { allNamesOf } from './edge-generation.ts'

interface Served extends SteeredNetwork {
  readonly network: Network
  servingOf(name: string): EdgeGeneration | null
}

/** An edge whose wishes go straight to the network that is steered, without a database between them. */
export function steeredEdge(
  id: string,
  network: Served,
  where: {
    readonly addresses: readonly { readonly host: string; readonly port: number }[]
    readonly probe: Probe
  },
): Edge {
  return createBuiltinEdge({
    id,
    network: network.network,
    addresses: () => where.addresses,
    publish: async (generation) => {
      network.put(generation)
      await network.assign(allNamesOf(generation))
    },
    withdraw: async (deployment, names) => {
      const own = names.filter((name) => network.servingOf(name)?.id === deployment)
      await network.assign(new Map(own.map((name): [string, DeploymentId | null] => [name, null])))
    },
    probe: where.probe,
    probeTimeoutMs: 5_000,
  })
}
