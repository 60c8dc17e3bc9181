import type { DeploymentId } from '../domain/identifiers.ts'
import { servingDigest } from './serving-digest.ts'
import type { EdgeGeneration } from '../ports/edge.ts'

/** Where an edge process reads what it is to answer. */
export interface WishSource {
  /** Every name that is to be answered. */
  names(): Promise<ReadonlyMap<string, DeploymentId>>
  /** The names that a deployment may have changed; null: not to be answered. */
  namesTouchedBy(id: DeploymentId): Promise<ReadonlyMap<string, DeploymentId | null>>
  generations(ids: readonly DeploymentId[]): Promise<readonly EdgeGeneration[]>
}

/** `all`: every name that is to be answered is among the changes, and what is served is held against them. Unless said, `some`. */
export type Extent = 'all' | 'some'

/**
 * The part of an edge network that is steered. Where `assign` rejects, names whose generation cannot be served are answered as before; whether the others
 * have moved on is open until the next time.
 */
export interface SteeredNetwork {
  put(generation: EdgeGeneration): void
  assign(names: ReadonlyMap<string, DeploymentId | null>, extent?: Extent): void | Promise<void>
  drop(id: DeploymentId): void
}

export interface Follower {
  /**
   * Follows one deployment's names; resolves when the network answers with what stood in the source at the call. Whoever has the generation at hand
   * spares the source from being asked for it.
   */
  follow(id: DeploymentId, generation?: EdgeGeneration): Promise<void>
  /** Reads everything again: at start, and after a lost connection. */
  followAll(): Promise<void>
  /** What the network was last brought to answer: how many names, and SHA-256 over which deployment answers each (serving-digest.ts). */
  serving(): { readonly names: number; readonly digest: string }
}

/** How long a generation that another one has taken the place of stays loaded, so that going back is a change of names alone; looked at whenever something changes. */
export interface KeepsLoaded {
  readonly keepMs: number
  /** Milliseconds of the real clock. */
  readonly now: () => number
}

/** Ten thousand at once would be in memory twice, as rows too. */
const READ_AT_ONCE = 500

/** Keeps a network equal to the wish, one read at a time, so that an older answer never overwrites a newer one. */
export function createFollower(
  source: WishSource,
  network: SteeredNetwork,
  { keepMs, now }: KeepsLoaded = { keepMs: 0, now: () => 0 },
): Follower {
  const assigned = new Map<string, DeploymentId>()
  /** Deployments that the network holds, with how many names point at each. */
  const names = new Map<DeploymentId, number>()
  /** Put and never taken: their assignment was refused. */
  const unpointed = new Set<DeploymentId>()
  /** Replaced for these names, the last of them at `since`. */
  const former = new Map<DeploymentId, { since: number; names: Set<string> }>()
  /** Of `assigned`; null: to be worked out when somebody asks. */
  let digest: string | null = null
  /** Whoever knows a part of the wish alone would take the rest away. */
  let knowsAll = false
  let turn: Promise<unknown> = Promise.resolve()

  async function apply(
    changes: ReadonlyMap<string, DeploymentId | null>,
    extent: Extent,
    known?: EdgeGeneration,
  ): Promise<void> {
    const wished = new Set([...changes.values()].filter((id) => id !== null))
    const missing = [...wished].filter((id) => !names.has(id))
    if (known !== undefined && missing.includes(known.id)) put(known)
    const unread = missing.filter((id) => !names.has(id))
    for (let from = 0; from < unread.length; from += READ_AT_ONCE)
      for (const read of await source.generations(unread.slice(from, from + READ_AT_ONCE))) put(read)
    await network.assign(changes, extent)
    const left = new Set(unpointed)
    unpointed.clear()
    if (changes.size > 0) digest = null
    for (const [name, id] of changes) {
      keepOrForget(name, id)
      repoint(name, id, left)
    }
    for (const id of left) if (!former.has(id)) dropIfUnused(id)
    dropFormer()
  }

  function put(generation: EdgeGeneration): void {
    network.put(generation)
    names.set(generation.id, 0)
    unpointed.add(generation.id)
  }

  /** What another one takes the place of is kept; a name that is taken off takes with it all that was kept for it. */
  function keepOrForget(name: string, to: DeploymentId | null): void {
    const from = assigned.get(name)
    if (to === null) {
      for (const kept of former.values()) if (kept.names.has(name)) kept.since = Number.NEGATIVE_INFINITY
    } else if (from !== undefined && from !== to && keepMs > 0) {
      const names = former.get(from)?.names ?? new Set()
      former.set(from, { since: now(), names: names.add(name) })
    }
  }

  function dropFormer(): void {
    for (const [id, { since }] of former) {
      const isServed = names.get(id) !== 0
      if (!isServed && now() - since < keepMs) continue
      // One that some names still get is kept as soon as the last of them has left.
      if (!isServed) former.delete(id)
      dropIfUnused(id)
    }
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

  async function applyAll(): Promise<void> {
    const gone = [...assigned.keys()].map((name) => [name, null] as const)
    await apply(new Map<string, DeploymentId | null>([...gone, ...(await source.names())]), 'all')
    knowsAll = true
  }

  return {
    follow: (id, generation) =>
      inTurn(async () =>
        knowsAll ? apply(await source.namesTouchedBy(id), 'some', generation) : applyAll(),
      ),
    followAll: () => inTurn(applyAll),
    serving: () => ({ names: assigned.size, digest: (digest ??= servingDigest(assigned)) }),
  }
}
