import type { DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import { Problem } from '../../errors/problem.ts'
import type { Edge, EdgeGeneration, Handshake } from '../../ports/edge.ts'
import type { Probe } from '../probe.ts'
import type { BoundAddress } from '../../inbound/listen.ts'
import { meetClients } from './meet-clients.ts'

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
  /** Instead of `probe` for kinds of client: those come by the dozen. */
  readonly meetingProbe?: Probe
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

  const slotsOf = (names: readonly string[]) =>
    options.slots?.().filter(({ name }) => names.includes(name)) ?? []

  async function probeWithoutName(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly Handshake[]> {
    const { probeTimeoutMs: timeoutMs } = options
    return Promise.all(
      slotsOf(names)
        .map(reached)
        .map((slot) => options.probe({ ...slot, serverName: null, timeoutMs, signal })),
    )
  }

  const meet: Edge['meet'] = (clients, names, signal) =>
    meetClients(
      {
        addresses: options.addresses().map(reached),
        slots: slotsOf(names).map(reached),
        probe: options.meetingProbe ?? options.probe,
        timeoutMs: options.probeTimeoutMs,
      },
      { clients, serverName: names[0] ?? null, signal },
    )

  return { id, network, deploy, withdraw, probe, probeWithoutName, meet }
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

const reached = ({ host, port }: BoundAddress): BoundAddress => ({ host: reachable(host), port })

/** A wildcard address is one to listen on, not one to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
