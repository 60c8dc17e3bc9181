import type { Logger } from '../observe/log.ts'

/** Runs `work` again and again, `everyMs` after it ended; what it throws is logged and does not stop it. */
export function every(everyMs: number, work: () => Promise<void>, log: Logger): { close(): Promise<void> } {
  let closed = false
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout = setTimeout(tick, everyMs)
  timer.unref()

  function tick(): void {
    running = work()
      .catch((error: unknown) => log.error({ err: error }, 'periodic work failed'))
      .then(() => {
        if (closed) return
        timer = setTimeout(tick, everyMs)
        timer.unref()
      })
  }

  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}
