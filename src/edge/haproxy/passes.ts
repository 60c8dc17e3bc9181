import type { DeploymentId } from '../../domain/identifiers.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { NameTable } from '../name-table.ts'
import type { HaproxyParts } from './haproxy-parts.ts'
import { createKnownProcess, type KnownProcess } from './known-process.ts'
import type { HaproxyPlaces } from './list-files.ts'
import { abortOpen } from './open-transaction.ts'
import type { StoredLine } from './runtime-replies.ts'
import { type Bind, BINDS, type WishedEntry } from './wished-entries.ts'

export interface Failure {
  readonly names: readonly string[]
  readonly error: unknown
}

/** Of one pass. */
export interface Pass {
  readonly known: KnownProcess
  readonly wished: readonly WishedEntry[]
  /** Of those what was just seen not to be there. */
  readonly lacking: ReadonlySet<WishedEntry>
  readonly failures: Failure[]
  readonly failed: Set<WishedEntry>
  /** Lines that nothing wishes for any more. */
  readonly leaving: readonly StoredLine[]
  /** Certificates of ours on no line. */
  readonly strays: readonly string[]
  readonly isWhole: boolean
}

export const bindsOf = ({ routes }: KnownProcess): readonly Bind[] => (routes === null ? ['public'] : BINDS)

/** What is to be led where: all there is, or what a few deployments have to do with. */
export function createPasses(names: NameTable, parts: HaproxyParts) {
  const { entries, lists, fileOf, bindOf, listOf, candidates, longFiles, bindMap } = parts
  const { api, places } = parts.options

  /** Whoever looked before, and what was seen to differ since, is known to the caller. */
  async function wholePass(
    pid: number,
    known: KnownProcess | null,
    suspects: ReadonlySet<string>,
  ): Promise<Pass> {
    const aborted = await abortOpen(api)
    if (aborted !== null) parts.foreignAborted(aborted)
    await candidates.clear()
    await longFiles.clear()
    const next = createKnownProcess({ pid, bufferSize: await api.bufferSize() }, await mutualRoutes())
    const { failures, wished } = wishedBy(next, [...names.assignments()])
    const read = await Promise.all(bindsOf(next).map((bind) => lists[bind].read()))
    const lines = read.flatMap((each) => each.lines)
    const before = known?.proven ?? new Map<string, WishedEntry>()
    const byFile = new Map(wished.map((entry) => [fileOf(entry), entry] as const))
    for (const { file } of lines) {
      const entry = byFile.get(file)
      next.own(file, entry?.deploymentId ?? null)
      const earlier = before.get(file)
      if (entry !== undefined && earlier?.digest === entry.digest && !suspects.has(file))
        next.proven.set(file, entry)
    }
    return {
      known: next,
      wished,
      lacking: new Set(),
      failures,
      failed: new Set(),
      leaving: lines.filter(({ file }) => !byFile.has(file)),
      strays: read.flatMap((each) => each.strays).filter((file) => !byFile.has(file)),
      isWhole: true,
    }
  }

  /** Null: this HAProxy has no bind of its own for names that ask for client certificates. */
  async function mutualRoutes(): Promise<ReadonlyMap<string, string> | null> {
    const present = await api.listNames()
    return present.includes(places.mutual.list) ? await bindMap.read() : null
  }

  async function partialPass(current: KnownProcess, touched: ReadonlySet<DeploymentId>): Promise<Pass> {
    const pointed = [...touched].flatMap((id) => names.pointedTo(id) ?? [])
    const { failures, wished } = wishedBy(
      current,
      pointed.map(({ generation, names: served }) => [generation, served] as const),
    )
    const kept = new Set(wished.map(fileOf))
    const leaving: StoredLine[] = []
    for (const file of [...touched, null].flatMap((id) => current.filesOf(id)))
      if (kept.has(file)) continue
      // Another process of ours may have been here first.
      else if (await lists[bindOf({ file })].hasLine(file)) leaving.push({ file, line: null })
      else current.forget(file)
    // What was seen before is looked at again, since somebody asks for it.
    const lacking = new Set<WishedEntry>()
    for (const entry of wished) {
      if (await listOf(entry).holds(entry)) continue
      lacking.add(entry)
      current.proven.delete(fileOf(entry))
    }
    return {
      known: current,
      wished,
      lacking,
      failures,
      failed: new Set(),
      leaving,
      strays: [],
      isWhole: false,
    }
  }

  /** Settings that HAProxy cannot be given fail the names they are for, not the network. */
  function wishedBy(
    { routes, bufferSize }: KnownProcess,
    pointed: readonly (readonly [EdgeGeneration, readonly string[]])[],
  ) {
    const failures: Failure[] = []
    const wished = pointed.flatMap(([generation, served]) => {
      try {
        const all = entries.of(generation, { names: served, bufferSize })
        if (routes === null && all.some(({ bind }) => bind === 'mutual')) throw withoutMutualBind(places)
        return all
      } catch (error) {
        failures.push({ names: served, error })
        return []
      }
    })
    return { failures, wished }
  }

  return { wholePass, partialPass }
}

const withoutMutualBind = ({ mutual }: HaproxyPlaces): Problem =>
  new Problem('edge-unreachable', {
    detail: `This HAProxy has no bind with ${mutual.list} and no map that leads to it; nothing is served without the client certificates that are asked for.`,
    members: { seen: 'no-mutual-bind' },
  })
