import type { AfterStep, RuntimeList } from './runtime-list.ts'
import type { WishedEntry } from './wished-entries.ts'

/** The list of the private listener. Holds nothing of ours at rest. */
export interface CandidateList {
  /** Loads an entry into the running process where no client comes, and asks for it there; nothing of it stays. */
  tryOut(entry: WishedEntry): Promise<void>
  /** Takes away what somebody who was killed has left. */
  clear(): Promise<void>
}

export function createCandidateList(
  list: RuntimeList,
  options: { readonly prove: (entry: WishedEntry) => Promise<void>; readonly afterStep: AfterStep },
): CandidateList {
  const { prove, afterStep } = options

  async function clear(): Promise<void> {
    const { lines, strays } = await list.read()
    await list.deleteLines(lines)
    await list.deleteCertificates([...lines.map(({ file }) => file), ...strays])
  }

  return {
    async tryOut(entry) {
      try {
        await list.load(entry)
        await afterStep('candidate-loaded')
        await prove(entry)
        await afterStep('candidate-probed')
      } catch (error) {
        await clear()
        throw error
      }
      const file = list.fileOf(entry)
      await list.deleteLines([{ file, line: null }])
      await list.deleteCertificates([file])
      await afterStep('candidate-removed')
    },
    clear,
  }
}
