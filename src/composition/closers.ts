import type { Logger } from '../observe/log.ts'

type Close = () => Promise<void> | void

/** What was started is stopped in reverse order, once; one that fails to stop does not keep the others running. */
export function createClosers(log: Logger) {
  const closers: { readonly name: string; readonly close: Close }[] = []
  let closing: Promise<void> | null = null

  async function closeAll(): Promise<void> {
    for (const { name, close } of closers.reverse()) {
      try {
        await close()
      } catch (error) {
        log.error({ err: error, part: name }, 'a part did not stop cleanly')
      }
    }
  }

  return {
    add(name: string, close: Close): void {
      closers.push({ name, close })
    },
    closeAll(): Promise<void> {
      closing ??= closeAll()
      return closing
    },
  }
}

export type Closers = ReturnType<typeof createClosers>
