import type { Logger } from '../observe/log.ts'

type Close = () => Promise<void> | void

/** What was started is stopped in reverse order, once; one that fails to stop does not keep the others running. */
export function createClosers(log: Logger) {
  const closers: { readonly name: string; readonly close: Close }[] = []
  let closing: Promise<void> | null = null

  async function closeAll(): Promise<void> {
    for (const { name, close } of closers.reverse()) {
      try {
        await withinLimit(close)
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

/** A part that waits for something that is gone (a database, a client) must not keep the process: the whole stop has ten seconds. */
const PART_LIMIT_MS = 4_000

async function withinLimit(close: Close): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${PART_LIMIT_MS} ms`)), PART_LIMIT_MS)
  })
  try {
    await Promise.race([close(), limit])
  } finally {
    clearTimeout(timer)
  }
}
