import { writeWholeFile } from '../whole-file.ts'
import { wildcardOf } from '../name-table.ts'
import { textOf } from './list-files.ts'
import type { RuntimeApi } from './runtime-api.ts'
import type { Bind, WishedEntry } from './wished-entries.ts'

/** Which bind a name is led to. A name without an entry, and without one of its wildcard, goes to the public one. */
export type Routes = ReadonlyMap<string, string>

/** Where the running process leads whom, and the file of it. */
export interface BindMap {
  read(): Promise<ReadonlyMap<string, string> | null>
  /** Says whether something changed. */
  lead(now: ReadonlyMap<string, string>, wished: Routes): Promise<boolean>
  isWritten(wished: Routes): Promise<boolean>
  write(wished: Routes): Promise<void>
}

export function createBindMap(api: RuntimeApi, file: string): BindMap {
  return {
    read: () => api.map(file),
    async lead(now, wished) {
      let isChanged = false
      for (const name of new Set([...now.keys(), ...wished.keys()])) {
        const [from, to] = [now.get(name), wished.get(name) ?? null]
        if (from === (to ?? undefined)) continue
        await api.route(file, name, from, to)
        isChanged = true
      }
      return isChanged
    },
    isWritten: async (wished) => (await textOf(file)) === linesOf(wished),
    write: (wished) => writeWholeFile(file, linesOf(wished)),
  }
}

const linesOf = (routes: Routes): string =>
  [...routes]
    .map(([name, bind]) => `${name} ${bind}\n`)
    .sort()
    .join('')

/** Names of the mutual bind, and of the public one those that a wildcard of the mutual one would take along. */
export function routesOf(entries: Iterable<Pick<WishedEntry, 'bind' | 'names'>>): Routes {
  const all = [...entries]
  const routes = new Map<string, Bind>()
  for (const { bind, names } of all) if (bind === 'mutual') for (const name of names) routes.set(name, bind)
  if (![...routes.keys()].some((name) => name.startsWith('*.'))) return routes
  for (const { bind, names } of all)
    if (bind === 'public')
      for (const name of names) if (routes.get(wildcardOf(name)) === 'mutual') routes.set(name, bind)
  return routes
}
