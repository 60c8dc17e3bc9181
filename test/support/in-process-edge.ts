import type { EdgeNetwork } from '../../src/edge/builtin/edge-network.ts'
import type { Probe } from '../../src/edge/probe.ts'
import type { Edge } from '../../src/ports/edge.ts'
import { steeredEdge } from './steered-edge.ts'

/** A built-in edge whose wishes go straight to the network, without a database between them. */
export const inProcessEdge = (network: EdgeNetwork, probe: Probe): Edge =>
  steeredEdge('in-process', network, { addresses: network.addresses, probe })
