import { basename, join } from 'node:path'
import { Problem } from '../../errors/problem.ts'
import { pemOf } from '../served-pem.ts'
import { isOursIn, type ListPlace } from './list-files.ts'
import type { RuntimeApi } from './runtime-api.ts'
import { isSilence } from './runtime-socket.ts'
import type { StoredLine } from './runtime-replies.ts'
import { isStored, type WishedEntry } from './wished-entries.ts'

/** After each of these HAProxy may be reloaded or we be killed, and clients go on being served. */
export type Step =
  | 'candidate-loaded'
  | 'candidate-probed'
  | 'candidate-removed'
  | 'set'
  | 'committed'
  | 'line-added'
  | 'lines-deleted'
  | 'probed'
  | 'files-written'

export type AfterStep = (step: Step) => Promise<void> | void

/** One crt-list of the running process. */
export interface RuntimeList {
  /** Lines of ours, by file; with them every certificate of ours that no line names. */
  read(): Promise<{ readonly lines: readonly StoredLine[]; readonly strays: readonly string[] }>
  fileOf(entry: WishedEntry): string
  holds(entry: WishedEntry): Promise<boolean>
  /** Stores the certificate, and makes the line if there is none: an existing line changes to it at the commit. */
  load(entry: WishedEntry, hasLine: boolean): Promise<void>
  deleteLines(lines: readonly StoredLine[]): Promise<void>
  deleteCertificates(files: readonly string[]): Promise<void>
}

export function createRuntimeList(api: RuntimeApi, place: ListPlace, afterStep: AfterStep): RuntimeList {
  const fileOf = ({ fileName }: WishedEntry): string => join(place.folder, fileName)

  async function load(entry: WishedEntry, hasLine: boolean): Promise<void> {
    const file = fileOf(entry)
    if ((await api.certificate(file)) === null) await api.create(file)
    try {
      await setMeasured(file, pemOf(entry))
      await afterStep('set')
      if (!isStored(await api.pending(file), entry)) throw differs(file, 'is about to commit')
      await api.commit(file)
    } catch (error) {
      await abortAny().catch(() => {})
      throw error
    }
    if (!isStored(await api.certificate(file), entry)) throw differs(file, 'has committed')
    await afterStep('committed')
    if (hasLine) return
    await api.addLine(place.list, { file, options: entry.options, names: entry.names })
    await afterStep('line-added')
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

  /** Ours, or the one of somebody else into which HAProxy mixed ours. */
  async function abortAny(): Promise<void> {
    const { transaction } = await api.certificates()
    if (transaction !== null) await api.abort(transaction)
  }

  return {
    async read() {
      const { files } = await api.certificates()
      const all = await api.lines(place.list)
      const lines = all.filter(({ file }) => isOursIn(place, file))
      const named = new Set(lines.map(({ file }) => file))
      return { lines, strays: [...files].filter((file) => isOursIn(place, file) && !named.has(file)) }
    },
    fileOf,
    holds: async (entry) => isStored(await api.certificate(fileOf(entry)), entry),
    load,
    async deleteLines(lines) {
      // From the last to the first: HAProxy may count them anew after each.
      for (const line of [...lines].sort((one, other) => other.line - one.line))
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
