import type { AfterStep, RuntimeList } from './runtime-list.ts'
import type { WishedEntry } from './wished-entries.ts'

/** The list of the private listener. Holds nothing of ours at rest. */
export interface CandidateList {
  /** Loads an entry into the running process where no client comes, and asks for it there; nothing of it stays. */
  tryOut(entry: WishedEntry, prove: ProveEntry): Promise<void>
  /** Takes away what somebody who was killed has left. */
  clear(): Promise<void>
}

export type ProveEntry = (entry: WishedEntry) => Promise<void>

export function createCandidateList(
  list: RuntimeList,
  options: {
    readonly isOwnCertificate: (file: string) => boolean
    /** Where clients are to meet it. */
    readonly fileOf: (entry: WishedEntry) => string
    readonly afterStep: AfterStep
  },
): CandidateList {
  const { isOwnCertificate, fileOf, afterStep } = options

  async function clear(): Promise<void> {
    const { lines, strays } = await list.read()
    await list.deleteLines(lines)
    const own = lines.map(({ file }) => file).filter(isOwnCertificate)
    await list.deleteCertificates([...own, ...strays])
  }

  return {
    async tryOut(entry, prove) {
      // What came by file has its own name already; the others have a copy of their own here.
      const file = entry.isLong ? fileOf(entry) : list.fileOf(entry)
      try {
        if (entry.isLong) await list.addLine(entry, file)
        else await list.load(entry)
        await afterStep('candidate-loaded')
        await prove(entry)
        await afterStep('candidate-probed')
      } catch (error) {
        await clear()
        throw error
      }
      await list.deleteLines([{ file, line: null }])
      if (!entry.isLong) await list.deleteCertificates([file])
      await afterStep('candidate-removed')
    },
    clear,
  }
}
