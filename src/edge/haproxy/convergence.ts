import type { DeploymentId } from '../../domain/identifiers.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { Extent } from '../follow.ts'
import type { NameTable } from '../name-table.ts'
import { type Routes, routesOf } from './bind-map.ts'
import { createFollowFiles } from './follow-files.ts'
import { createHaproxyParts, type HaproxyOptions } from './haproxy-parts.ts'
import type { KnownProcess } from './known-process.ts'
import { bindsOf, createPasses, type Failure, type Pass } from './passes.ts'
import { isSilence } from './runtime-socket.ts'
import type { Pointed, WishedEntry } from './wished-entries.ts'

/** What is to be led where: these generations, or whatever there is. */
export interface Aim {
  readonly touched: ReadonlySet<DeploymentId>
  readonly extent: Extent
  /** Asked for on the private listener before clients meet it. */
  readonly isTried: boolean
}

/** Leads the running process, and then its files, to what the table of names says. */
export interface Convergence {
  /** What went wrong for some names while the others went on. Rejects when HAProxy cannot be led at all. */
  converge(aim: Aim): Promise<readonly Failure[]>
  /** How many of those found in order before are to be looked at in a turn. */
  readonly looks: number
  /** Whether the same process still runs, and the one looked at longest ago is in order. One at a time, so that a deployment never waits for more than one. */
  isNextSound(): Promise<boolean>
}

/** Of one call, over all its attempts. */
interface Turn {
  readonly aim: Aim
  isReloaded: boolean
  /** By file: why it cannot come. */
  readonly refused: Map<string, Error>
}

/** A reload or restart under our hands is met by beginning again. */
const ATTEMPTS = 4
const ATTEMPT_PAUSE_MS = 250
/** How long the old process is given after a reload before what it answers counts: a second and a half together. */
const AFTER_A_RELOAD_MS = [25, 50, 100, 200, 400, 800]
/** Of those found in order before, how many are looked at in a turn. */
const LOOKED_AT_PER_TURN = 50

export function createConvergence(names: NameTable, options: HaproxyOptions): Convergence {
  const parts = createHaproxyParts(options)
  const {
    candidates,
    longFiles,
    staples,
    authorities,
    bindMap,
    files,
    lists,
    entries,
    listOf,
    fileOf,
    bindOf,
    prove,
    proveCandidate,
    afterStep,
  } = parts
  const { network, api, log } = options
  const { wholePass, partialPass } = createPasses(names, parts)
  const follow = createFollowFiles(parts)
  /** Null: nothing, so all of it has to be read. */
  let known: KnownProcess | null = null
  /** Found to differ by the looks in between. */
  const suspects = new Set<string>()

  async function converge(aim: Aim): Promise<readonly Failure[]> {
    const turn: Turn = { aim, isReloaded: false, refused: new Map() }
    for (let attempt = 1; ; attempt++) {
      try {
        const { pid } = await api.info()
        const failures = await convergeOn(pid, turn)
        if (failures !== null && (await api.info()).pid === pid) return failures
        known = null
      } catch (error) {
        known = null
        if (attempt === ATTEMPTS || !isSilence(error)) throw error
        await options.pause(ATTEMPT_PAUSE_MS, new AbortController().signal)
      }
      if (attempt === ATTEMPTS)
        throw new Problem('edge-unreachable', { detail: 'HAProxy was reloaded again and again' })
    }
  }

  /** Null: HAProxy was reloaded on our behalf, and all of it is to be read again. */
  async function convergeOn(pid: number, turn: Turn): Promise<readonly Failure[] | null> {
    const { aim } = turn
    if (known?.pid !== pid) {
      known = null
      staples.forget()
    }
    const pass =
      known === null || aim.extent === 'all'
        ? await wholePass(pid, known, suspects)
        : await partialPass(known, aim.touched)
    const missing = await missingOf(pass)
    if (await bringLong(pass, missing, turn)) return null
    await each(pass, missing, async (entry) => {
      const refusal = turn.refused.get(fileOf(entry))
      if (refusal !== undefined) throw refusal
      if (entry.authorities !== null) await authorities.load(entry.authorities)
    })
    if (aim.isTried)
      await each(pass, missing, (entry) => candidates.tryOut(entry, seen(turn, proveCandidate)))
    const loadable = missing.filter((entry) => !pass.failed.has(entry))
    await each(pass, loadable, async (entry) => {
      await listOf(entry).load(entry)
      pass.known.own(fileOf(entry), entry.deploymentId)
    })
    // Half loaded: what HAProxy has of it now is for a whole look to say.
    known = loadable.some((entry) => pass.failed.has(entry)) ? null : pass.known
    const routes = await route(pass)
    // Old lines go last, and stay as long as something that may be meant to take their place has failed.
    if (pass.failures.length === 0) await takeAway(pass)
    await each(pass, loadable, seen(turn, prove))
    if (missing.length > 0) await afterStep('probed')
    await settle(pass, routes)
    return pass.failures
  }

  /** Says whether there is another process now. */
  async function bringLong(pass: Pass, missing: readonly WishedEntry[], turn: Turn): Promise<boolean> {
    const lacked: WishedEntry[] = []
    for (const entry of missing) {
      if (turn.refused.has(fileOf(entry))) continue
      // What differs from what was sent differs in the file too, as far as anybody knows.
      const isSuspect = entry.isLong && !turn.isReloaded && suspects.has(fileOf(entry))
      if (isSuspect || (await longFiles.isLacked(entry))) lacked.push(entry)
    }
    if (lacked.length === 0) return false
    try {
      await longFiles.bring(lacked, pass.known.pid)
      turn.isReloaded = true
      await afterStep('reloaded')
    } catch (error) {
      if (isSilence(error)) throw error
      const refusal = error instanceof Error ? error : new Error(reasonOf(error))
      for (const entry of lacked) turn.refused.set(fileOf(entry), refusal)
    }
    return turn.isReloaded
  }

  /** For a moment after a reload the old process takes connections beside the new one. */
  function seen({ isReloaded }: Turn, look: (entry: WishedEntry) => Promise<void>): typeof look {
    if (!isReloaded) return look
    return async (entry) => {
      for (const pauseMs of AFTER_A_RELOAD_MS) {
        const isSeen = await look(entry).then(
          () => true,
          () => false,
        )
        if (isSeen) return
        await options.pause(pauseMs, new AbortController().signal)
      }
      await look(entry)
    }
  }

  async function missingOf({ known: next, wished, lacking }: Pass): Promise<readonly WishedEntry[]> {
    const missing: WishedEntry[] = []
    for (const entry of wished) {
      const file = fileOf(entry)
      if (next.proven.get(file)?.digest === entry.digest) next.proven.set(file, entry)
      else if (!lacking.has(entry) && !suspects.has(file) && (await listOf(entry).holds(entry))) {
        next.own(file, entry.deploymentId)
        next.proven.set(file, entry)
      } else missing.push(entry)
    }
    return missing
  }

  async function takeAway({ known: next, leaving, strays }: Pass): Promise<void> {
    for (const bind of bindsOf(next)) {
      const lines = leaving.filter((line) => bindOf(line) === bind)
      await lists[bind].deleteLines(lines)
      const alone = strays.filter((file) => bindOf({ file }) === bind)
      await lists[bind].deleteCertificates([...lines.map(({ file }) => file), ...alone])
    }
    for (const { file } of leaving) next.forget(file)
  }

  /** After both binds know a name, and before the one that it leaves forgets it. Names that failed stay where they are led. Null: there is one bind alone. */
  async function route({ known: next, failed, failures, wished, isWhole }: Pass): Promise<Routes | null> {
    if (next.routes === null) return null
    const isConcerned = next.routes.size > 0 || wished.some(({ bind }) => bind === 'mutual')
    if (!isWhole && !isConcerned) return next.routes
    const all = [...names.assignments()].flatMap(([generation, served]) =>
      knownEntriesOf(generation, { names: served, bufferSize: next.bufferSize }),
    )
    const staying = new Set(failures.flatMap((failure) => failure.names))
    for (const entry of failed) for (const name of entry.names) staying.add(name)
    const wishedRoutes = new Map([...routesOf(all)].filter(([name]) => !staying.has(name)))
    for (const name of staying) {
      const bind = next.routes.get(name)
      if (bind !== undefined) wishedRoutes.set(name, bind)
    }
    if (await bindMap.lead(next.routes, wishedRoutes)) await afterStep('routed')
    next.setRoutes(wishedRoutes)
    return wishedRoutes
  }

  function knownEntriesOf(generation: EdgeGeneration, pointed: Pointed): readonly WishedEntry[] {
    try {
      return entries.of(generation, pointed)
    } catch {
      return []
    }
  }

  /** Files follow what was seen. */
  async function settle(pass: Pass, routes: Routes | null): Promise<void> {
    const proven = pass.wished.filter((entry) => !pass.failed.has(entry))
    for (const entry of proven) {
      pass.known.proven.set(fileOf(entry), entry)
      pass.known.own(fileOf(entry), entry.deploymentId)
      suspects.delete(fileOf(entry))
    }
    for (const entry of pass.failed) pass.known.proven.delete(fileOf(entry))
    await follow(pass, proven, routes)
    for (const entry of proven) await staples.follow(entry)
  }

  /** One that fails does not keep the others; HAProxy gone keeps them all. */
  async function each(
    { failed, failures }: Pass,
    work: readonly WishedEntry[],
    act: (entry: WishedEntry) => Promise<void>,
  ): Promise<void> {
    for (const entry of work) {
      if (failed.has(entry)) continue
      try {
        await act(entry)
      } catch (error) {
        if (isSilence(error)) throw error
        failed.add(entry)
        failures.push({ names: entry.names, error })
        log.warn(
          { network, file: entry.fileName, names: entry.names.slice(0, 3), reason: reasonOf(error) },
          'HAProxy does not serve what it was given',
        )
      }
    }
  }

  async function isNextSound(): Promise<boolean> {
    const current = known
    if (current === null || (await api.info()).pid !== current.pid) return false
    const [next] = current.proven
    if (next === undefined) return suspects.size === 0
    const [file, entry] = next
    // To the end of the row.
    current.proven.delete(file)
    if (await isInOrder(entry)) {
      current.proven.set(file, entry)
      await restaple(entry)
    } else suspects.add(file)
    return suspects.size === 0
  }

  /** Responders answer anew every few days, whatever is deployed. */
  async function restaple(entry: WishedEntry): Promise<void> {
    if (!(await staples.renew(entry)) && !entry.isLong) await listOf(entry).load(entry)
    await staples.follow(entry)
  }

  /** HAProxy tells of a chain no more than its length: the rest is for a handshake to say. */
  const isInOrder = async (entry: WishedEntry): Promise<boolean> =>
    (await listOf(entry).holds(entry)) &&
    (await files[entry.bind].stand(entry)) &&
    (await prove(entry).then(
      () => true,
      () => false,
    ))

  return {
    converge,
    get looks() {
      return Math.min(known?.proven.size ?? 0, LOOKED_AT_PER_TURN)
    },
    isNextSound,
  }
}

/** OpenSSL's, HAProxy's and Problem's messages name what failed and hold no key material. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')
