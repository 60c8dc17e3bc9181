import type { DeploymentId } from '../../domain/identifiers.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'

/** Where an edge process reads what it is to answer. */
export interface WishSource {
  names(only?: readonly string[]): Promise<ReadonlyMap<string, DeploymentId>>
  generations(ids: readonly DeploymentId[]): Promise<readonly EdgeGeneration[]>
  namesTouchedBy(id: DeploymentId): Promise<readonly string[]>
}

/** The part of an edge network that is steered. */
export interface SteeredNetwork {
  put(generation: EdgeGeneration): void
  assign(names: ReadonlyMap<string, DeploymentId | null>): void
  drop(id: DeploymentId): void
}

export interface Follower {
  /** Follows one deployment's names; resolves when the network answers with what stood in the source at the call. */
  follow(id: DeploymentId): Promise<void>
  /** Reads everything again: at start, and after a lost connection. */
  followAll(): Promise<void>
}

/** Keeps a network equal to the wish, one read at a time, so that an older answer never overwrites a newer one. */
export function createFollower(source: WishSource, network: SteeredNetwork): Follower {
  const assigned = new Map<string, DeploymentId>()
  /** Deployments that the network holds, with how many names point at each. */
  const names = new Map<DeploymentId, number>()
  let turn: Promise<unknown> = Promise.resolve()

  async function apply(wished: ReadonlyMap<string, DeploymentId>, scope: Iterable<string>): Promise<void> {
    const missing = [...new Set(wished.values())].filter((id) => !names.has(id))
    for (const generation of await source.generations(missing)) {
      network.put(generation)
      names.set(generation.id, 0)
    }
    const changes = new Map<string, DeploymentId | null>()
    for (const name of scope) changes.set(name, wished.get(name) ?? null)
    network.assign(changes)
    const left = new Set<DeploymentId>()
    for (const [name, id] of changes) repoint(name, id, left)
    for (const id of left) dropIfUnused(id)
  }

  function repoint(name: string, to: DeploymentId | null, left: Set<DeploymentId>): void {
    const from = assigned.get(name)
    if (from !== undefined) {
      names.set(from, (names.get(from) ?? 1) - 1)
      left.add(from)
    }
    if (to === null) assigned.delete(name)
    else {
      assigned.set(name, to)
      names.set(to, (names.get(to) ?? 0) + 1)
    }
  }

  function dropIfUnused(id: DeploymentId): void {
    if (names.get(id) !== 0) return
    network.drop(id)
    names.delete(id)
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = turn.then(work, work)
    turn = next.catch(() => {})
    return next
  }

  return {
    follow: (id) =>
      inTurn(async () => {
        const touched = await source.namesTouchedBy(id)
        await apply(await source.names(touched), touched)
      }),
    followAll: () =>
      inTurn(async () => {
        const wished = await source.names()
        await apply(wished, new Set([...assigned.keys(), ...wished.keys()]))
      }),
  }
}
