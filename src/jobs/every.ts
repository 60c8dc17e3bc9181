import type { Logger } from '../observe/log.ts'

/** Runs `work` again and again, `everyMs` after it ended; what it throws does not stop it, and is logged when it begins to fail, not at every turn of an outage. */
export function every(everyMs: number, work: () => Promise<void>, log: Logger): { close(): Promise<void> } {
  let closed = false
  let fails = false
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout = setTimeout(tick, everyMs)
  timer.unref()

  function tick(): void {
    running = work()
      .then(() => {
        fails = false
      }, report)
      .then(() => {
        if (closed) return
        timer = setTimeout(tick, everyMs)
        timer.unref()
      })
  }

  function report(error: unknown): void {
    log[fails ? 'debug' : 'error']({ err: error }, 'periodic work failed')
    fails = true
  }

  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}
