import type { DeploymentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import { Problem } from '../errors/problem.ts'
import type { EdgeGeneration } from '../ports/edge.ts'
import { createSharedParts } from './shared-parts.ts'

/** Which generation answers which name of one network. Names are canonical. */
export interface NameTable {
  /** Keeps the generation ready; no name points to it yet. A second put of an id is ignored: generations are immutable. Throws for another network's. */
  put(generation: EdgeGeneration): void
  /** All or nothing, in one step; null takes a name back. Throws when an id was not put, and then changes nothing. */
  assign(names: ReadonlyMap<string, DeploymentId | null>): void
  /** Forgets a generation. Throws while a name still points to it, since that name would go dark unasked. Unknown ids are ignored. */
  drop(id: DeploymentId): void
  /** Exact before wildcard; a wildcard stands for exactly one label (RFC 9525 section 6.3). */
  servingOf(name: string): EdgeGeneration | null
  /** Which deployment the name itself points to, wildcards aside. */
  assignmentOf(name: string): DeploymentId | null
  /** Null: nothing points to it. In the order in which they were pointed there. */
  pointedTo(
    id: DeploymentId,
  ): { readonly generation: EdgeGeneration; readonly names: readonly string[] } | null
  /** Every generation that is pointed to, with its names. */
  assignments(): ReadonlyMap<EdgeGeneration, readonly string[]>
  counts(): { readonly generations: number; readonly names: number }
}

interface Entry {
  readonly generation: EdgeGeneration
  readonly names: Set<string>
}

export function createNameTable(network: Network): NameTable {
  const entries = new Map<DeploymentId, Entry>()
  const assigned = new Map<string, Entry>()
  const shared = createSharedParts()

  function put(generation: EdgeGeneration): void {
    if (generation.network !== network)
      throw new Problem('internal-error', {
        detail: `deployment ${generation.id} is of ${generation.network}, not of ${network}`,
      })
    if (entries.has(generation.id)) return
    entries.set(generation.id, { generation: shared.share(generation), names: new Set() })
  }

  function assign(names: ReadonlyMap<string, DeploymentId | null>): void {
    const next = [...names].map(([name, id]) => ({ name, entry: id === null ? null : entryOf(id) }))
    for (const { name, entry } of next) {
      const previous = assigned.get(name)
      previous?.names.delete(name)
      if (entry === null) assigned.delete(name)
      else {
        entry.names.add(name)
        assigned.set(name, entry)
      }
    }
  }

  function entryOf(id: DeploymentId): Entry {
    const entry = entries.get(id)
    if (entry === undefined)
      throw new Problem('internal-error', { detail: `deployment ${id} was never put on this edge` })
    return entry
  }

  function drop(id: DeploymentId): void {
    const entry = entries.get(id)
    if (entry === undefined) return
    if (entry.names.size > 0)
      throw new Problem('internal-error', {
        detail: `deployment ${id} still serves ${entry.names.size} names`,
      })
    entries.delete(id)
    shared.release(entry.generation)
  }

  function servingOf(name: string): EdgeGeneration | null {
    const entry = assigned.get(name) ?? assigned.get(wildcardOf(name))
    return entry?.generation ?? null
  }

  function pointedTo(id: DeploymentId) {
    const entry = entries.get(id)
    if (entry === undefined || entry.names.size === 0) return null
    return { generation: entry.generation, names: [...entry.names] }
  }

  const assignments = (): ReadonlyMap<EdgeGeneration, readonly string[]> =>
    new Map(
      [...entries.values()]
        .filter(({ names }) => names.size > 0)
        .map(({ generation, names }) => [generation, [...names]] as const),
    )

  return {
    put,
    assign,
    drop,
    servingOf,
    assignmentOf: (name) => assigned.get(name)?.generation.id ?? null,
    pointedTo,
    assignments,
    counts: () => ({ generations: entries.size, names: assigned.size }),
  }
}

/** Of a name the only wildcard that stands for it; empty: none can. */
export function wildcardOf(name: string): string {
  const dot = name.indexOf('.')
  return dot > 0 ? `*${name.slice(dot)}` : ''
}
