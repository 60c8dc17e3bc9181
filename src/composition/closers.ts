import type { Logger } from '../observe/log.ts'

type Close = () => Promise<void> | void

/** What was started is stopped in reverse order, once; one that fails to stop does not keep the others running. */
export function createClosers(log: Logger) {
  const closers: { readonly name: string; readonly close: Close }[] = []
  let closing: Promise<void> | null = null

  async function closeAll(): Promise<void> {
    let limitMs = PART_LIMIT_MS
    const hurry = setTimeout(() => {
      limitMs = LATE_PART_LIMIT_MS
    }, HURRY_AFTER_MS)
    for (const { name, close } of closers.reverse()) {
      try {
        await within(limitMs, close)
      } catch (error) {
        log.error({ err: error, part: name }, 'a part did not stop cleanly')
      }
    }
    clearTimeout(hurry)
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

/**
 * A part that waits for something that is gone (a database, a client) must not keep the process. The whole stop has ten seconds, also where every one of the
 * dozen parts waits for the same thing: two of them have their time, and what comes late has little.
 */
const PART_LIMIT_MS = 3_000
const HURRY_AFTER_MS = 4_000
const LATE_PART_LIMIT_MS = 200

async function within(limitMs: number, close: Close): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${limitMs} ms`)), limitMs)
  })
  try {
    await Promise.race([close(), limit])
  } finally {
    clearTimeout(timer)
  }
}
