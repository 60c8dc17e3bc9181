import { basename, join } from 'node:path'
import { Problem } from '../../errors/problem.ts'
import { pemOf } from '../served-pem.ts'
import { isOursIn, type ListPlace } from './list-files.ts'
import { abortOpen } from './open-transaction.ts'
import { isRefusal, type RuntimeApi } from './runtime-api.ts'
import { isSilence } from './runtime-socket.ts'
import type { StoredLine } from './runtime-replies.ts'
import type { EntryStaples } from './staples.ts'
import { isStored, type WishedEntry } from './wished-entries.ts'

/** After each of these HAProxy may be reloaded or we be killed, and clients go on being served. */
export const STEPS = [
  'candidate-loaded',
  'candidate-probed',
  'candidate-removed',
  'set',
  'committed',
  'line-added',
  'routed',
  'lines-deleted',
  'probed',
  'files-written',
] as const
/** Beside those, where something comes by file. */
export const LONG_STEPS = ['laid-down', 'reloaded'] as const
export type Step = (typeof STEPS | typeof LONG_STEPS)[number]

export type AfterStep = (step: Step) => Promise<void> | void

/** One crt-list of the running process. */
export interface RuntimeList {
  /** Lines of ours, by file; with them every certificate of this list's folder that no line names. */
  read(): Promise<{ readonly lines: readonly StoredLine[]; readonly strays: readonly string[] }>
  fileOf(entry: WishedEntry): string
  /** In the process, and on a line. */
  holds(entry: WishedEntry): Promise<boolean>
  /** Stores the certificate, and makes the line if there is none: an existing line changes to it at the commit. */
  load(entry: WishedEntry): Promise<void>
  /** Makes a line for a certificate that the process has, by that file. */
  addLine(entry: WishedEntry, file: string): Promise<void>
  hasLine(file: string): Promise<boolean>
  deleteLines(lines: readonly StoredLine[]): Promise<void>
  deleteCertificates(files: readonly string[]): Promise<void>
}

export interface RuntimeListOptions {
  readonly afterStep: AfterStep
  /** Somebody had left a transaction open on that file. */
  readonly foreignAborted: (file: string) => void
  /** Whose lines are ours; those with certificates of this list's folder unless said. */
  readonly isOurs?: (file: string) => boolean
  /** Nothing goes along unless said. */
  readonly staples?: Pick<EntryStaples, 'wishOf' | 'given' | 'refused' | 'renew'>
}

export function createRuntimeList(
  api: RuntimeApi,
  place: ListPlace,
  options: RuntimeListOptions,
): RuntimeList {
  const { afterStep, isOurs = (file: string) => isOursIn(place, file) } = options
  const fileOf = ({ fileName }: WishedEntry): string => join(place.folder, fileName)

  async function load(entry: WishedEntry): Promise<void> {
    const file = fileOf(entry)
    const stored = await api.certificate(file)
    if (!entry.isLong) await replace(entry, stored !== null)
    else if (!isStored(stored, entry)) throw differs(file, 'has read')
    else await options.staples?.renew(entry)
    if (stored?.isUsed === true) return
    await addLine(entry, file)
  }

  /** A certificate that is set anew loses its response; so both are set before the commit. One that HAProxy does not take keeps no certificate from clients. */
  async function replace(entry: WishedEntry, isThere: boolean): Promise<void> {
    const file = fileOf(entry)
    const response = (await options.staples?.wishOf(entry)) ?? null
    try {
      await replaceWith(entry, response, isThere)
      options.staples?.given(file, response)
    } catch (error) {
      if (response === null || !isRefusal(error)) throw error
      await replaceWith(entry, null, (await api.certificate(file)) !== null)
      options.staples?.given(file, null)
      options.staples?.refused(file, response, error instanceof Error ? error.message : 'unknown')
    }
  }

  async function replaceWith(
    entry: WishedEntry,
    response: Uint8Array | null,
    isThere: boolean,
  ): Promise<void> {
    const file = fileOf(entry)
    if (!isThere) await api.create(file)
    try {
      await setAlone(file, pemOf(entry))
      if (response !== null) await api.setStaple(file, response, 'beside')
      await afterStep('set')
      if (!isStored(await api.pending(file), entry)) throw differs(file, 'is about to commit')
      await api.commit(file)
    } catch (error) {
      await abortOpen(api).catch(() => {})
      throw error
    }
    if (!isStored(await api.certificate(file), entry)) throw differs(file, 'has committed')
    await afterStep('committed')
  }

  async function addLine(entry: WishedEntry, file: string): Promise<void> {
    await api.addLine(place.list, { file, options: entry.options, names: entry.names })
    await afterStep('line-added')
  }

  /** HAProxy says when a transaction was open already: into that of another file it has mixed ours. Both go, and ours begins again. */
  async function setAlone(file: string, pem: string): Promise<void> {
    try {
      await setMeasured(file, pem)
    } catch (error) {
      const aborted = isRefusal(error) ? await abortOpen(api) : null
      if (aborted === null) throw error
      options.foreignAborted(aborted)
      await setMeasured(file, pem)
    }
  }

  /** A command longer than its buffer (`tune.bufsize`) HAProxy drops without a word: silence to this one and an answer to the next. */
  async function setMeasured(file: string, pem: string): Promise<void> {
    try {
      await api.set(file, pem)
    } catch (cause) {
      if (!isSilence(cause)) throw cause
      await api.info()
      throw new Problem('edge-unreachable', {
        detail: `HAProxy took no notice of ${basename(file)}: ${pem.length} octets do not fit its buffer; raise tune.bufsize`,
        members: { seen: 'too-long' },
        cause,
      })
    }
  }

  return {
    async read() {
      const { files } = await api.certificates()
      const all = await api.lines(place.list)
      const lines = all.filter(({ file }) => isOurs(file))
      const named = new Set(lines.map(({ file }) => file))
      return { lines, strays: [...files].filter((file) => isOursIn(place, file) && !named.has(file)) }
    },
    fileOf,
    async holds(entry) {
      const stored = await api.certificate(fileOf(entry))
      return stored?.isUsed === true && isStored(stored, entry)
    },
    load,
    addLine,
    hasLine: async (file) => (await api.certificate(file))?.isUsed === true,
    async deleteLines(lines) {
      // From the last to the first: HAProxy may count them anew after each.
      for (const line of [...lines].sort((one, other) => (other.line ?? 0) - (one.line ?? 0)))
        await api.deleteLine(place.list, line)
      if (lines.length > 0) await afterStep('lines-deleted')
    },
    async deleteCertificates(files) {
      for (const file of files) await api.deleteCertificate(file)
    },
  }
}

const differs = (file: string, what: string): Problem =>
  new Problem('edge-unreachable', {
    detail: `HAProxy ${what} another certificate as ${basename(file)} than the one it was given`,
    members: { seen: 'other-certificate' },
  })
