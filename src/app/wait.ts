import type { Change } from '../domain/change/change.ts'
import type { ChangeId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import type { Dependencies } from './dependencies.ts'

/** How long a mutating call waits for the change to come to rest (contract: own API). */
const REST_LIMIT_MS = 1_000

/** So that a client which polls every ten seconds sees the waiting state at its first look. */
export async function awaitRest(deps: Dependencies, id: ChangeId, signal: AbortSignal = new AbortController().signal): Promise<void> {
  await awaitChange(deps, id, (change) => change.effects.length === 0, REST_LIMIT_MS, signal)
}

/** Resolves with the change as soon as `done` holds for it, or as it is after `limitMs`. */
export async function awaitChange(
  deps: Dependencies,
  id: ChangeId,
  done: (change: Change) => boolean,
  limitMs: number,
  signal: AbortSignal,
): Promise<Change> {
  const ended = new AbortController()
  const over = AbortSignal.any([signal, ended.signal])
  let wake = () => {}
  let noted = false
  const unsubscribe = deps.signals.subscribe((note) => {
    if (note !== null && note.changeId !== id) return
    noted = true
    wake()
  })
  const timer = deps.pause(limitMs, over).then(() => {
    ended.abort()
    wake()
  })
  try {
    for (;;) {
      noted = false
      const change = await loadOrFail(deps, id)
      if (done(change) || over.aborted) return change
      await new Promise<void>((resolve) => {
        wake = resolve
        if (noted || over.aborted) resolve()
      })
    }
  } finally {
    unsubscribe()
    ended.abort()
    await timer
  }
}

async function loadOrFail(deps: Dependencies, id: ChangeId): Promise<Change> {
  const change = await deps.store.read.changes.load(id)
  if (change === null) throw new Problem('not-found')
  return change
}
