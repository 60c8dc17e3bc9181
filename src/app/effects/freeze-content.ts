import { contentOf, deadlineOf } from '../change-content.ts'
import type { Effect } from './outcome.ts'

/** On entering the acknowledgement: keeps what it is of, and notes until when it is waited for. Whoever asks before this has run is told the same. */
export const freezeContent: Effect = async ({ deps, locked, change }) => {
  const { document, hash } = await contentOf(deps, locked.read, change)
  const deadline = await deadlineOf(deps, locked.read, change)
  const frozenAt = deps.clocks.lifecycle.now()
  return {
    kind: 'done',
    ...(deadline !== null && { progress: { deadline } }),
    write: (tx) => tx.frozenContents.keep({ changeId: change.id, document, hash, frozenAt }),
  }
}
