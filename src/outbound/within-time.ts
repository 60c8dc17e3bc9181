import { setMaxListeners } from 'node:events'

/**
 * Gives `work` a signal that aborts with `outer` or after `limitMs`. The outer one may live as long as the process: nothing of ours stays attached to it, as
 * `AbortSignal.any` would leave on Node 20.
 */
export async function withinTime<T>(
  limitMs: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  // As many may wait for its end as there are questions to be asked at once.
  setMaxListeners(0, controller.signal)
  const abort = (): void => controller.abort()
  const timer = setTimeout(abort, limitMs)
  outer.addEventListener('abort', abort)
  if (outer.aborted) abort()
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', abort)
  }
}
