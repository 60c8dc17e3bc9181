import type { DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { Pause } from '../../ports/pause.ts'
import type { EdgeLog } from '../builtin/observation.ts'
import type { Extent } from '../follow.ts'
import type { NameTable } from '../name-table.ts'
import type { Probe } from '../probe.ts'
import { type Address, createProveCertificate } from '../prove-certificate.ts'
import type { SplitPem } from '../served-pem.ts'
import { createCandidateList } from './candidate-list.ts'
import { createKnownProcess, type KnownProcess } from './known-process.ts'
import { createListFiles, type HaproxyPlaces } from './list-files.ts'
import type { RuntimeApi } from './runtime-api.ts'
import { abortOpen, type AfterStep, createRuntimeList } from './runtime-list.ts'
import type { StoredLine } from './runtime-replies.ts'
import { isSilence } from './runtime-socket.ts'
import { createEntries, type WishedEntry } from './wished-entries.ts'

export interface ConvergenceOptions {
  readonly network: Network
  readonly api: RuntimeApi
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

export interface Failure {
  readonly names: readonly string[]
  readonly error: unknown
}

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
  isSound(): Promise<boolean>
}

/** A reload or restart under our hands is met by beginning again. */
const ATTEMPTS = 4
const ATTEMPT_PAUSE_MS = 250
/** Of those found in order before, how many are looked at in a turn. */
const LOOKED_AT_PER_TURN = 50

/** Of one pass. */
interface Pass {
  readonly known: KnownProcess
  readonly wished: readonly WishedEntry[]
  readonly failures: Failure[]
  readonly failed: Set<WishedEntry>
  /** Lines that nothing wishes for any more. */
  readonly leaving: readonly StoredLine[]
  /** Certificates of ours on no line. */
  readonly strays: readonly string[]
  readonly isWhole: boolean
}

export function createConvergence(names: NameTable, options: ConvergenceOptions): Convergence {
  const { network, api, places, log, afterStep = () => {} } = options
  const entries = createEntries(options.split)
  const listOptions = {
    afterStep,
    foreignAborted: (file: string) =>
      log.warn({ network, file }, 'somebody left a certificate transaction open in HAProxy; aborted'),
  }
  const publicList = createRuntimeList(api, places.public, listOptions)
  const prove = createProveCertificate(options.probe, options.probeTimeoutMs)
  const candidates = createCandidateList(createRuntimeList(api, places.candidate, listOptions), {
    prove: (entry) => prove(entry, [options.candidate]),
    afterStep,
  })
  const files = createListFiles(places)
  /** Null: nothing, so all of it has to be read. */
  let known: KnownProcess | null = null
  /** Found to differ by the looks in between. */
  const suspects = new Set<string>()

  async function converge(aim: Aim): Promise<readonly Failure[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { pid } = await api.info()
        const failures = await convergeOn(pid, aim)
        if ((await api.info()).pid === pid) return failures
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

  async function convergeOn(pid: number, aim: Aim): Promise<readonly Failure[]> {
    if (known?.pid !== pid) known = null
    const pass =
      known === null || aim.extent === 'all' ? await wholePass(pid) : await partialPass(known, aim.touched)
    const missing = await missingOf(pass)
    if (aim.isTried) await each(pass, missing, candidates.tryOut)
    const loadable = missing.filter((entry) => !pass.failed.has(entry))
    await each(pass, loadable, async (entry) => {
      await publicList.load(entry)
      pass.known.own(publicList.fileOf(entry), entry.deploymentId)
    })
    // Half loaded: what HAProxy has of it now is for a whole look to say.
    known = loadable.some((entry) => pass.failed.has(entry)) ? null : pass.known
    // Old lines go last, and stay as long as something that may be meant to take their place has failed.
    if (pass.failures.length === 0) await takeAway(pass)
    await each(pass, loadable, (entry) => prove(entry, options.addresses))
    if (missing.length > 0) await afterStep('probed')
    await settle(pass)
    return pass.failures
  }

  async function wholePass(pid: number): Promise<Pass> {
    const aborted = await abortOpen(api)
    if (aborted !== null) listOptions.foreignAborted(aborted)
    await candidates.clear()
    const { failures, wished } = wishedBy([...names.assignments()])
    const { lines, strays } = await publicList.read()
    const before = known?.proven ?? new Map<string, WishedEntry>()
    const next = createKnownProcess(pid)
    const byFile = new Map(wished.map((entry) => [publicList.fileOf(entry), entry] as const))
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
      failures,
      failed: new Set(),
      leaving: lines.filter(({ file }) => !byFile.has(file)),
      strays: strays.filter((file) => !byFile.has(file)),
      isWhole: true,
    }
  }

  async function partialPass(current: KnownProcess, touched: ReadonlySet<DeploymentId>): Promise<Pass> {
    const pointed = [...touched].flatMap((id) => names.pointedTo(id) ?? [])
    const { failures, wished } = wishedBy(
      pointed.map(({ generation, names: served }) => [generation, served] as const),
    )
    const kept = new Set(wished.map(publicList.fileOf))
    const leaving: StoredLine[] = []
    for (const file of [...touched, null].flatMap((id) => current.filesOf(id)))
      if (kept.has(file)) continue
      // Another process of ours may have been here first.
      else if (await publicList.hasLine(file)) leaving.push({ file, line: null })
      else current.forget(file)
    // What was seen before is looked at again, since somebody asks for it.
    for (const entry of wished)
      if (!(await publicList.holds(entry))) current.proven.delete(publicList.fileOf(entry))
    return {
      known: current,
      wished,
      failures,
      failed: new Set(),
      leaving,
      strays: [],
      isWhole: false,
    }
  }

  /** Settings that HAProxy cannot be given fail the names they are for, not the network. */
  function wishedBy(pointed: readonly (readonly [EdgeGeneration, readonly string[]])[]) {
    const failures: Failure[] = []
    const wished = pointed.flatMap(([generation, served]) => {
      try {
        return entries.of(generation, served)
      } catch (error) {
        failures.push({ names: served, error })
        return []
      }
    })
    return { failures, wished }
  }

  async function missingOf({ known: next, wished }: Pass): Promise<readonly WishedEntry[]> {
    const missing: WishedEntry[] = []
    for (const entry of wished) {
      const file = publicList.fileOf(entry)
      if (next.proven.get(file)?.digest === entry.digest) next.proven.set(file, entry)
      else if (!suspects.has(file) && (await publicList.holds(entry))) {
        next.own(file, entry.deploymentId)
        next.proven.set(file, entry)
      } else missing.push(entry)
    }
    return missing
  }

  async function takeAway({ known: next, leaving, strays }: Pass): Promise<void> {
    await publicList.deleteLines(leaving)
    await publicList.deleteCertificates([...leaving.map(({ file }) => file), ...strays])
    for (const { file } of leaving) next.forget(file)
  }

  /** Files follow what was seen. */
  async function settle(pass: Pass): Promise<void> {
    const proven = pass.wished.filter((entry) => !pass.failed.has(entry))
    for (const entry of proven) {
      pass.known.proven.set(publicList.fileOf(entry), entry)
      pass.known.own(publicList.fileOf(entry), entry.deploymentId)
      suspects.delete(publicList.fileOf(entry))
    }
    for (const entry of pass.failed) pass.known.proven.delete(publicList.fileOf(entry))
    const isClean = pass.failures.length === 0
    const leaving = pass.leaving.map(({ file }) => file)
    const kept = isClean ? [] : [...leaving, ...pass.wished.map(publicList.fileOf)]
    const differed = pass.isWhole
      ? await files.follow(proven, new Set(kept))
      : await files.change(proven, isClean ? leaving : [])
    if (differed.length === 0) return
    log.debug({ network, files: differed.slice(0, 10) }, 'files of HAProxy follow it')
    await afterStep('files-written')
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

  async function isSound(): Promise<boolean> {
    const current = known
    if (current === null || (await api.info()).pid !== current.pid) return false
    for (const [file, entry] of [...current.proven].slice(0, LOOKED_AT_PER_TURN)) {
      // To the end of the row.
      current.proven.delete(file)
      if (await isInOrder(entry)) current.proven.set(file, entry)
      else suspects.add(file)
    }
    return suspects.size === 0
  }

  /** HAProxy tells of a chain no more than its length: the rest is for a handshake to say. */
  const isInOrder = async (entry: WishedEntry): Promise<boolean> =>
    (await publicList.holds(entry)) &&
    (await files.stand(entry)) &&
    (await prove(entry, options.addresses).then(
      () => true,
      () => false,
    ))

  return { converge, isSound }
}

/** OpenSSL's, HAProxy's and Problem's messages name what failed and hold no key material. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')
