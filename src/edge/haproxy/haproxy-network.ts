import type { DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { Pause } from '../../ports/pause.ts'
import type { EdgeLog } from '../builtin/observation.ts'
import { createNameTable } from '../name-table.ts'
import type { Probe } from '../probe.ts'
import { type Address, createProveCertificate } from '../prove-certificate.ts'
import type { SplitPem } from '../served-pem.ts'
import { createListFiles, type HaproxyPlaces } from './list-files.ts'
import type { WithLock } from './process-lock.ts'
import type { RuntimeApi } from './runtime-api.ts'
import { type AfterStep, createRuntimeList } from './runtime-list.ts'
import { isSilence } from './runtime-socket.ts'
import type { StoredLine } from './runtime-replies.ts'
import { createEntries, type WishedEntry } from './wished-entries.ts'

export interface HaproxyNetworkOptions {
  readonly network: Network
  readonly api: RuntimeApi
  readonly withLock: WithLock
  readonly places: HaproxyPlaces
  /** Where clients come in; every one of them is probed. */
  readonly addresses: readonly Address[]
  /** The private listener of the same process, with the candidate list. */
  readonly candidate: Address
  readonly probe: Probe
  readonly probeTimeoutMs: number
  readonly split: SplitPem
  readonly log: EdgeLog
  readonly pause: Pause
  readonly afterStep?: AfterStep
}

/** A network that a HAProxy serves: `assign` makes the running process answer, proves that it does, and lets its files follow. */
export interface HaproxyNetwork {
  readonly network: Network
  put(generation: EdgeGeneration): void
  /** What is rejected changed nothing: names are answered as before, or as soon as HAProxy can be reached again. */
  assign(names: ReadonlyMap<string, DeploymentId | null>): Promise<void>
  drop(id: DeploymentId): void
  servingOf(name: string): EdgeGeneration | null
}

/** A reload or restart under our hands is met by beginning again. */
const ATTEMPTS = 4
const ATTEMPT_PAUSE_MS = 250
/** Of those found in order before, how many are looked at again in a turn. */
const DOUBTED_PER_TURN = 100

interface Failure {
  readonly names: readonly string[]
  readonly error: unknown
}

/** What went wrong for some names while the others went on. */
interface Failures {
  readonly all: Failure[]
  readonly entries: Set<WishedEntry>
}

export function createHaproxyNetwork(options: HaproxyNetworkOptions): HaproxyNetwork {
  const { network, api, places, log, afterStep = () => {} } = options
  const names = createNameTable(network)
  const entries = createEntries(options.split)
  const publicList = createRuntimeList(api, places.public, afterStep)
  const candidateList = createRuntimeList(api, places.candidate, afterStep)
  const files = createListFiles(places)
  const prove = createProveCertificate(options.probe, options.probeTimeoutMs)
  /** What this very process was seen to hold: digest by file. */
  let found: { pid: number; readonly digests: Map<string, string> } = { pid: 0, digests: new Map() }
  let isKnown = false

  async function assign(changes: ReadonlyMap<string, DeploymentId | null>): Promise<void> {
    const before = new Map([...changes.keys()].map((name) => [name, names.assignmentOf(name)] as const))
    names.assign(changes)
    let failures: Failures
    try {
      failures = await options.withLock(() => converge(true))
    } catch (error) {
      if (isKnown) names.assign(before)
      throw error
    }
    const wasKnown = isKnown
    isKnown = true
    const [first] = failures.all
    if (first === undefined) return
    if (wasKnown) await goBack(failures.all, before)
    throw first.error
  }

  /** At once, and without a trial: it was served a moment ago. */
  async function goBack(
    failed: readonly Failure[],
    before: ReadonlyMap<string, DeploymentId | null>,
  ): Promise<void> {
    const back = failed.flatMap((entry) => entry.names).filter((name) => before.has(name))
    names.assign(new Map(back.map((name) => [name, before.get(name) ?? null])))
    try {
      await options.withLock(() => converge(false))
    } catch (error) {
      log.warn({ network, reason: reasonOf(error) }, 'HAProxy could not be led back')
    }
  }

  async function converge(isTried: boolean): Promise<Failures> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { pid } = await api.info()
        const failures = await convergeOn(pid, isTried)
        if ((await api.info()).pid === pid) return failures
      } catch (error) {
        if (attempt === ATTEMPTS || !isSilence(error)) throw error
        await options.pause(ATTEMPT_PAUSE_MS, new AbortController().signal)
      }
      if (attempt === ATTEMPTS)
        throw new Problem('edge-unreachable', { detail: 'HAProxy was reloaded again and again' })
    }
  }

  async function convergeOn(pid: number, isTried: boolean): Promise<Failures> {
    if (found.pid !== pid) found = { pid, digests: new Map() }
    await abortForeign()
    const failures: Failures = { all: [], entries: new Set() }
    const wished = wishedEntries(failures)
    const { lines, strays } = await publicList.read()
    const lined = new Set(lines.map(({ file }) => file))
    const missing = await missingOf(wished, lined)
    if (isTried) await each(missing, failures, tryOut)
    await each(missing, failures, (entry) => publicList.load(entry, lined.has(publicList.fileOf(entry))))
    // Old lines go last, and stay as long as something that may be meant to take their place has failed.
    if (failures.all.length === 0) await takeAway(wished, lines, strays)
    await each(missing, failures, (entry) => prove(entry, options.addresses))
    if (missing.length > 0) await afterStep('probed')
    const proven = wished.filter((entry) => !failures.entries.has(entry))
    for (const entry of proven) found.digests.set(publicList.fileOf(entry), entry.digest)
    for (const entry of failures.entries) found.digests.delete(publicList.fileOf(entry))
    const kept = failures.all.length === 0 ? [] : [...lined, ...wished.map(publicList.fileOf)]
    const differed = await files.follow(proven, new Set(kept))
    if (differed.length > 0) {
      log.debug({ network, files: differed.slice(0, 10) }, 'files of HAProxy follow it')
      await afterStep('files-written')
    }
    return failures
  }

  async function abortForeign(): Promise<void> {
    const { transaction } = await api.certificates()
    if (transaction === null) return
    log.warn(
      { network, file: transaction },
      'somebody left a certificate transaction open in HAProxy; aborted',
    )
    await api.abort(transaction)
  }

  async function takeAway(
    wished: readonly WishedEntry[],
    lines: readonly StoredLine[],
    strays: readonly string[],
  ): Promise<void> {
    const kept = new Set(wished.map(publicList.fileOf))
    const leaving = lines.filter(({ file }) => !kept.has(file))
    await publicList.deleteLines(leaving)
    await publicList.deleteCertificates([
      ...leaving.map(({ file }) => file),
      ...strays.filter((file) => !kept.has(file)),
    ])
  }

  /** Settings that HAProxy cannot be given fail the names they are for, not the network. */
  function wishedEntries(failures: Failures): readonly WishedEntry[] {
    return [...names.assignments()].flatMap(([generation, served]) => {
      try {
        return entries.of(generation, served)
      } catch (error) {
        failures.all.push({ names: served, error })
        return []
      }
    })
  }

  async function missingOf(
    wished: readonly WishedEntry[],
    lined: ReadonlySet<string>,
  ): Promise<readonly WishedEntry[]> {
    const doubted = new Set([...found.digests.keys()].slice(0, DOUBTED_PER_TURN))
    for (const file of doubted) {
      found.digests.delete(file)
      files.doubt(file)
    }
    const missing: WishedEntry[] = []
    for (const entry of wished) {
      const file = publicList.fileOf(entry)
      if (lined.has(file) && found.digests.get(file) === entry.digest) continue
      const isThere = lined.has(file) && (await publicList.holds(entry))
      // HAProxy tells of a chain no more than its length.
      const isSeen = isThere && (!doubted.has(file) || (await isProven(entry)))
      if (!isSeen) missing.push(entry)
    }
    return missing
  }

  const isProven = (entry: WishedEntry): Promise<boolean> =>
    prove(entry, options.addresses).then(
      () => true,
      () => false,
    )

  /** Loaded into the same process where no client comes, and asked there; nothing of it stays. */
  async function tryOut(entry: WishedEntry): Promise<void> {
    await clearCandidates()
    try {
      await candidateList.load(entry, false)
      await afterStep('candidate-loaded')
      await prove(entry, [options.candidate])
      await afterStep('candidate-probed')
    } finally {
      await clearCandidates()
    }
    await afterStep('candidate-removed')
  }

  async function clearCandidates(): Promise<void> {
    const { lines, strays } = await candidateList.read()
    await candidateList.deleteLines(lines)
    await candidateList.deleteCertificates([...lines.map(({ file }) => file), ...strays])
  }

  /** One that fails does not keep the others; HAProxy gone keeps them all. */
  async function each(
    work: readonly WishedEntry[],
    failures: Failures,
    act: (entry: WishedEntry) => Promise<void>,
  ): Promise<void> {
    for (const entry of work) {
      if (failures.entries.has(entry)) continue
      try {
        await act(entry)
      } catch (error) {
        if (isSilence(error)) throw error
        failures.entries.add(entry)
        failures.all.push({ names: entry.names, error })
        log.warn(
          { network, file: entry.fileName, names: entry.names.slice(0, 3), reason: reasonOf(error) },
          'HAProxy does not serve what it was given',
        )
      }
    }
  }

  return {
    network,
    put: names.put,
    assign,
    drop: names.drop,
    servingOf: names.servingOf,
  }
}

/** OpenSSL's, HAProxy's and Problem's messages name what failed and hold no key material. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')
