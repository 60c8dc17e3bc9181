import type { Logger } from '../observe/log.ts'

/**
 * Runs `work` again and again, `everyMs` after it ended, or sooner where it says so; what it throws does not stop it, and is logged when it begins to fail, not at
 * every turn of an outage.
 */
export function every(
  everyMs: number,
  work: () => Promise<void | number>,
  log: Logger,
): { close(): Promise<void> } {
  let closed = false
  let fails = false
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout = setTimeout(tick, everyMs)
  timer.unref()

  function tick(): void {
    running = work()
      .then((againMs) => {
        fails = false
        return againMs
      }, report)
      .then((againMs) => {
        if (closed) return
        timer = setTimeout(tick, Math.min(everyMs, againMs ?? everyMs))
        timer.unref()
      })
  }

  function report(error: unknown): undefined {
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
