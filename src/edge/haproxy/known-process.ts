import type { DeploymentId } from '../../domain/identifiers.ts'
import type { WishedEntry } from './wished-entries.ts'

/**
 * What is known of a running HAProxy since all of it was read, kept up by what was done to it since. So a deployment asks for the entries that it changes,
 * however many there are. Anything that happens behind our back is for the looks in between to find.
 */
export interface KnownProcess {
  readonly pid: number
  /** What its map of binds says; null: it has one bind alone. */
  readonly routes: ReadonlyMap<string, string> | null
  /** Octets of `tune.bufsize`; null: this version does not say. */
  readonly bufferSize: number | null
  setRoutes(routes: ReadonlyMap<string, string>): void
  /** Says that a line of ours is there, and for whom. Null: one that nothing wishes for any more and that could not be taken away yet. */
  own(file: string, id: DeploymentId | null): void
  filesOf(id: DeploymentId | null): readonly string[]
  forget(file: string): void
  /** What clients were seen to be answered with, by file; the one looked at longest ago comes first. */
  readonly proven: Map<string, WishedEntry>
}

export function createKnownProcess(
  { pid, bufferSize }: Pick<KnownProcess, 'pid' | 'bufferSize'>,
  routesAtFirst: ReadonlyMap<string, string> | null,
): KnownProcess {
  let routes = routesAtFirst
  const owners = new Map<string, DeploymentId | null>()
  const files = new Map<DeploymentId | null, Set<string>>()
  const proven = new Map<string, WishedEntry>()

  function disown(file: string): void {
    const owner = owners.get(file)
    if (owner === undefined) return
    const own = files.get(owner)
    own?.delete(file)
    if (own?.size === 0) files.delete(owner)
    owners.delete(file)
  }

  return {
    pid,
    bufferSize,
    get routes() {
      return routes
    },
    setRoutes(next) {
      routes = next
    },
    own(file, id) {
      disown(file)
      owners.set(file, id)
      const own = files.get(id)
      if (own === undefined) files.set(id, new Set([file]))
      else own.add(file)
    },
    filesOf: (id) => [...(files.get(id) ?? [])],
    forget(file) {
      disown(file)
      proven.delete(file)
    },
    proven,
  }
}
