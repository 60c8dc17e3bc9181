import { join } from 'node:path'
import type { CertificateId, DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { Pause } from '../../ports/pause.ts'
import type { StapleFor } from '../builtin/staples.ts'
import { createNameTable } from '../name-table.ts'
import type { Address, ProveCertificate } from '../prove-certificate.ts'
import type { SplitPem } from '../served-pem.ts'
import { type Layout, layoutOf, type OcspResponseOf, type Pkcs12Writer, type ServedFile } from './manifest.ts'
import type { ReloadHook } from '../reload-hook.ts'
import type { Versions } from './versions.ts'

export interface DirectoryNetworkOptions {
  readonly network: Network
  readonly folder: string
  readonly versions: Versions
  readonly reload: ReloadHook
  /** Where clients come in; every one of them is probed. */
  readonly addresses: readonly Address[]
  readonly prove: ProveCertificate
  readonly split: SplitPem
  readonly stapleFor: StapleFor
  readonly pkcs12: Pick<Pkcs12Writer, 'mark'> | null
  readonly pause: Pause
}

/** Any server that reads PEM files: a manifest and its files are switched in one step, the server is told, and clients' view is the proof. */
export interface DirectoryNetwork {
  readonly network: Network
  put(generation: EdgeGeneration): void
  /** What is rejected was taken back, and the server told so. */
  assign(names: ReadonlyMap<string, DeploymentId | null>): Promise<void>
  drop(id: DeploymentId): void
  servingOf(name: string): EdgeGeneration | null
}

/** A reload starts new workers beside the old ones, which answer for a moment more: ten seconds together. */
const PROOF_PAUSES_MS = [50, 100, 200, 400, 800, 1_500, 3_000, 2_000, 2_000]
const SEEN_IN_A_ROW = 3

export function createDirectoryNetwork(options: DirectoryNetworkOptions): DirectoryNetwork {
  const { network, versions, split } = options
  const names = createNameTable(network)
  /** What the last look that was not content has seen. */
  let lastFailure: unknown = null

  async function assign(changes: ReadonlyMap<string, DeploymentId | null>): Promise<void> {
    const before = new Map([...changes.keys()].map((name) => [name, names.assignmentOf(name)] as const))
    const previous = await versions.applied()
    const was = new Map(names.assignments())
    names.assign(changes)
    try {
      const assignments = new Map(names.assignments())
      const ocspResponseOf = await stapled(assignments.keys())
      const layout = layoutOf(network, assignments, { split, ocspResponseOf, pkcs12: options.pkcs12 })
      const next = await versions.write(layout)
      if (next === previous && (await versions.current()) === next) return
      await apply(next, changedFiles(layout, before), goneFiles(was))
      await versions.prune([next, ...(previous === null ? [] : [previous])])
    } catch (error) {
      names.assign(before)
      await goBack(previous)
      throw error
    }
  }

  /** A response that is replaced makes another version, and so does one that is not to be shown any more. */
  async function stapled(generations: Iterable<EdgeGeneration>): Promise<OcspResponseOf> {
    const responses = new Map<CertificateId, Uint8Array | null>()
    for (const { certificates } of generations)
      for (const { staple } of certificates)
        if (staple !== null) responses.set(staple, await options.stapleFor(staple))
    return ({ staple }) => (staple === null ? null : (responses.get(staple) ?? null))
  }

  async function apply(
    version: string,
    changed: readonly ServedFile[],
    gone: readonly ServedFile[],
  ): Promise<void> {
    await versions.switchTo(version)
    await tell(version)
    for (const file of changed) await until(() => isSeen(file), file)
    for (const file of gone) await until(async () => !(await isSeen(file)), file)
    await versions.markApplied(version)
  }

  const tell = (version: string): Promise<void> =>
    options.reload({
      NETWORK: network,
      FOLDER: join(options.folder, 'current'),
      MANIFEST: join(options.folder, 'current', 'manifest.json'),
      VERSION: version,
    })

  async function goBack(version: string | null): Promise<void> {
    if (version === null || (await versions.current()) === version) return
    await versions.switchTo(version)
    // The first failure is the one to tell of; the next turn finds that this one was not applied.
    await tell(version).catch(() => {})
  }

  /** What has to be seen: names that are answered by another generation than before; all of it where nothing was there. */
  function changedFiles(
    { files }: Layout,
    before: ReadonlyMap<string, DeploymentId | null>,
  ): readonly ServedFile[] {
    const moved = new Set(
      [...before].filter(([name, id]) => names.assignmentOf(name) !== id).map(([name]) => name),
    )
    return files.flatMap((file) => {
      const own = file.names.filter((name) => moved.has(name))
      return own.length === 0 ? [] : [{ ...file, names: own }]
    })
  }

  /** Names that nothing of ours answers any more, unless by a wildcard. */
  function goneFiles(was: ReadonlyMap<EdgeGeneration, readonly string[]>): readonly ServedFile[] {
    const left = [...was].map(([generation, served]) => {
      const gone = served.filter((name) => names.assignmentOf(name) === null)
      return [generation, gone] as const
    })
    const assignments = new Map(left.filter(([, gone]) => gone.length > 0))
    return layoutOf(network, assignments, { split, ocspResponseOf: () => null, pkcs12: null }).files
  }

  /** Several times in a row: while a server reloads, workers that know and workers that do not answer side by side. */
  async function until(look: () => Promise<boolean>, { names: [name = ''] }: ServedFile): Promise<void> {
    let inARow = 0
    for (const pauseMs of PROOF_PAUSES_MS) {
      inARow = (await look()) ? inARow + 1 : 0
      if (inARow === SEEN_IN_A_ROW) return
      await options.pause(pauseMs, new AbortController().signal)
    }
    lastFailure ??= new Problem('edge-unreachable', { detail: `${name} was not seen to change` })
    throw lastFailure
  }

  async function isSeen(file: ServedFile): Promise<boolean> {
    try {
      await options.prove(file, options.addresses)
      return true
    } catch (error) {
      lastFailure = error
      return false
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
