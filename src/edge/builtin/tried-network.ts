import type { DeploymentId } from '../../domain/identifiers.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { Extent, SteeredNetwork } from '../follow.ts'
import type { Address, ProveCertificate } from '../prove-certificate.ts'
import { sentBy, type SplitPem } from '../served-pem.ts'

export interface TriedNetworkOptions {
  /** What clients meet. */
  readonly network: SteeredNetwork
  /** The same kind of network of the same process, where nobody comes but us. */
  readonly candidate: SteeredNetwork & { readonly addresses: readonly Address[] }
  readonly prove: ProveCertificate
  readonly split: SplitPem
}

/**
 * Clients meet a generation only after it was asked for in a full handshake on the candidate listener: a key that does not open or does not fit, or a
 * chain that is sent otherwise, ends there. What is there at the start was served before, and is not tried again.
 */
export function createTriedNetwork({
  network,
  candidate,
  prove,
  split,
}: TriedNetworkOptions): SteeredNetwork {
  const untried = new Map<DeploymentId, EdgeGeneration>()
  let isStarted = false

  async function tryOut(generation: EdgeGeneration, names: readonly string[]): Promise<void> {
    candidate.put(generation)
    try {
      await candidate.assign(new Map(names.map((name) => [name, generation.id] as const)))
      for (const certificate of generation.certificates)
        await prove({ names, certificate, sent: sentBy(certificate, split) }, candidate.addresses)
    } finally {
      await candidate.assign(new Map(names.map((name) => [name, null] as const)))
      candidate.drop(generation.id)
    }
    untried.delete(generation.id)
  }

  async function assign(
    changes: ReadonlyMap<string, DeploymentId | null>,
    extent: Extent = 'some',
  ): Promise<void> {
    const refused = new Map<DeploymentId, unknown>()
    for (const [id, names] of namesById(changes)) {
      const generation = untried.get(id)
      if (generation !== undefined) await tryOut(generation, names).catch((error) => refused.set(id, error))
    }
    const isTaken = ([, id]: readonly [string, DeploymentId | null]) => id === null || !refused.has(id)
    await network.assign(new Map([...changes].filter(isTaken)), extent)
    isStarted = true
    for (const error of refused.values()) throw error
  }

  return {
    put(generation) {
      network.put(generation)
      if (isStarted) untried.set(generation.id, generation)
    },
    assign,
    drop(id) {
      untried.delete(id)
      network.drop(id)
    },
  }
}

function namesById(
  changes: ReadonlyMap<string, DeploymentId | null>,
): ReadonlyMap<DeploymentId, readonly string[]> {
  const grouped = new Map<DeploymentId, string[]>()
  for (const [name, id] of changes) if (id !== null) grouped.set(id, [...(grouped.get(id) ?? []), name])
  return grouped
}
