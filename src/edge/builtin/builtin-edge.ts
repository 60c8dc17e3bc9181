import type { ClientOffer } from '../../domain/comparison/client-kinds.ts'
import type { DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import { Problem } from '../../errors/problem.ts'
import type { Edge, EdgeGeneration, Encounter, Handshake } from '../../ports/edge.ts'
import type { Probe, Sight } from '../probe.ts'
import type { BoundAddress } from '../../inbound/listen.ts'

export interface BuiltinEdgeOptions {
  readonly id: string
  readonly network: Network
  /** Where the network answers now; asked at every probe. */
  readonly addresses: () => readonly BoundAddress[]
  /** Where a client that says no name gets what answers `name`. */
  readonly slots?: () => readonly (BoundAddress & { readonly name: string })[]
  /** Makes the generation what its names get; resolves when the edges have taken it over. */
  readonly publish: (generation: EdgeGeneration, signal: AbortSignal) => Promise<void>
  /** Takes those of the names back that still belong to this deployment. */
  readonly withdraw: (id: DeploymentId, names: readonly string[], signal: AbortSignal) => Promise<void>
  readonly probe: Probe
  /** For one address. */
  readonly probeTimeoutMs: number
}

/** The control plane's view of the built-in edges of one network: publishing is the store's affair, proof is a handshake with each address. */
export function createBuiltinEdge(options: BuiltinEdgeOptions): Edge {
  const { id, network } = options

  async function deploy(generation: EdgeGeneration, signal: AbortSignal): Promise<void> {
    if (generation.network !== network) {
      throw new Problem('internal-error', { detail: `deployment ${generation.id} is not of ${network}` })
    }
    await reaching(() => options.publish(generation, signal), signal)
  }

  async function withdraw(
    deployment: DeploymentId,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    await reaching(() => options.withdraw(deployment, names, signal), signal)
  }

  async function probe(serverName: string, signal: AbortSignal): Promise<Handshake> {
    const { probeTimeoutMs: timeoutMs } = options
    const addresses = options.addresses()
    const seen = await Promise.all(
      addresses.map(async ({ host, port }) => ({
        ...(await options.probe({ host: reachable(host), port, serverName, timeoutMs, signal })),
        address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      })),
    )
    const [first] = seen
    if (first === undefined) {
      throw new Problem('edge-unreachable', {
        detail: `the ${network} network has no address`,
        members: { seen: 'no-address' },
      })
    }
    // Clients reach any of them: until all agree nothing is proven.
    if (seen.some(({ fingerprint }) => fingerprint !== first.fingerprint)) {
      const answers = seen.map(({ address, serialNumber }) => `${address} serves ${serialNumber}`)
      throw new Problem('edge-unreachable', {
        detail: `the addresses of ${network} disagree on ${serverName}: ${answers.join(', ')}`,
        members: { seen: 'disagreement', answers },
      })
    }
    return first
  }

  async function probeWithoutName(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly Handshake[]> {
    const { probeTimeoutMs: timeoutMs } = options
    const slots = options.slots?.().filter(({ name }) => names.includes(name)) ?? []
    return Promise.all(
      slots.map(({ host, port }) =>
        options.probe({ host: reachable(host), port, serverName: null, timeoutMs, signal }),
      ),
    )
  }

  async function meet(
    client: ClientOffer,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly Encounter[]> {
    const { probeTimeoutMs: timeoutMs } = options
    const [serverName = null] = client.saysName ? names : []
    const places = client.saysName
      ? options.addresses()
      : (options.slots?.().filter(({ name }) => names.includes(name)) ?? [])
    return Promise.all(
      places.map(({ host, port }) =>
        encounter(
          options.probe({ host: reachable(host), port, serverName, timeoutMs, signal, offer: client }),
          signal,
        ),
      ),
    )
  }

  return { id, network, deploy, withdraw, probe, probeWithoutName, meet }
}

const REFUSALS: readonly string[] = ['alert', 'closed', 'no-agreement'] satisfies readonly Sight[]

/** A handshake that either side broke off is a refusal; a connection that never came about says nothing of the client. */
async function encounter(probing: Promise<Handshake>, signal: AbortSignal): Promise<Encounter> {
  try {
    return await probing
  } catch (error) {
    if (signal.aborted || !(error instanceof Problem)) throw error
    return REFUSALS.includes(String(error.members['seen'])) ? 'refused' : 'unreachable'
  }
}

async function reaching(act: () => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted()
    await act()
  } catch (cause) {
    if (cause instanceof Problem || signal.aborted) throw cause
    throw new Problem('edge-unreachable', { detail: 'the edges could not be told', cause })
  }
}

/** A wildcard address is one to listen on, not one to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
