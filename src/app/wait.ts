import type { Change } from '../domain/change/change.ts'
import { isAtRest } from '../domain/change/rest.ts'
import type { ChangeId } from '../domain/identifiers.ts'
import type { ChangeNote, ChangeStanding } from '../ports/signals.ts'
import type { Dependencies } from './dependencies.ts'

/** How long a mutating call waits for the change to come to rest (contract: own API). */
const REST_LIMIT_MS = 1_000

/**
 * So that a client which polls every ten seconds sees the waiting state at its first look. `above`: the revision of a change that rested, and was called for
 * another look.
 */
export async function awaitRest(
  deps: Dependencies,
  id: ChangeId,
  { above = -1 }: { readonly above?: number } = {},
): Promise<void> {
  const look = async () => {
    const change = await deps.store.read.changes.load(id)
    return change === null ? null : standingOf(change)
  }
  const attention = attend(deps, id, REST_LIMIT_MS, new AbortController().signal)
  try {
    let standing: ChangeStanding | null = await look()
    while (standing !== null && !(standing.rests && standing.revision > above)) {
      const heard = await attention.next(standing.revision)
      standing = heard === 'look' ? await look() : heard
    }
  } finally {
    await attention.close()
  }
}

export interface WaitOptions<Seen> {
  readonly look: () => Promise<Seen>
  readonly done: (now: Seen, first: Seen) => boolean
  /** False where a note says enough to know that a look would show nothing new. */
  readonly isNew: (standing: ChangeStanding, first: Seen) => boolean
  readonly limitMs: number
  readonly signal: AbortSignal
}

/** Resolves with what is seen of the change as soon as `done` holds for it, or as it is after `limitMs`. The first look comes after the first note could be heard. */
export async function awaitChange<Seen extends Pick<Change, 'revision'>>(
  deps: Dependencies,
  id: ChangeId,
  options: WaitOptions<Seen>,
): Promise<Seen> {
  const { look, done, isNew } = options
  const attention = attend(deps, id, options.limitMs, options.signal)
  try {
    const first = await look()
    let change = first
    let known = first.revision
    while (!done(change, first)) {
      const heard = await attention.next(known)
      if (heard === null) return await look()
      if (heard === 'look' || isNew(heard, first)) change = await look()
      known = Math.max(change.revision, heard === 'look' ? 0 : heard.revision)
    }
    return change
  } finally {
    await attention.close()
  }
}

const standingOf = (change: Change): ChangeStanding => ({
  revision: change.revision,
  status: change.status,
  state: change.state,
  rests: isAtRest(change),
  notBefore: change.notBefore,
  notAfter: change.notAfter,
})

interface Attention {
  /** The newest note above this revision, also one that came since the last call; `look`: notes may have been lost; null: the time is over. */
  next(aboveRevision: number): Promise<ChangeNote | 'look' | null>
  close(): Promise<void>
}

function attend(deps: Dependencies, id: ChangeId, limitMs: number, signal: AbortSignal): Attention {
  const ended = new AbortController()
  const over = AbortSignal.any([signal, ended.signal])
  let wake = () => {}
  let newest: ChangeNote | null = null
  let mustLook = false
  const unsubscribe = deps.signals.subscribe((note) => {
    if (note === null) mustLook = true
    else if (note.changeId !== id || note.revision <= (newest?.revision ?? -1)) return
    else newest = note
    wake()
  })
  const timer = deps.pause(limitMs, over).then(() => {
    ended.abort()
    wake()
  })
  return {
    async next(aboveRevision) {
      for (;;) {
        if (over.aborted) return null
        if (mustLook) {
          mustLook = false
          return 'look'
        }
        if (newest !== null && newest.revision > aboveRevision) return newest
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    async close() {
      unsubscribe()
      ended.abort()
      await timer
    },
  }
}
