import { type Instant, toWireTime } from '../time.ts'
import { ACTS, isLost, type KnownName } from '../validation/name-standing.ts'
import type { Conflict } from './renewal-moments.ts'

/** Each name at which the renewal would fail, or need somebody, with what was seen and what can be done. */
export const conflictsOfNames = (names: readonly KnownName[], lastSafe: Instant): readonly Conflict[] =>
  names.flatMap((known) =>
    known.fault === null || !isLost(known)
      ? []
      : [
          {
            code: 'validation-lost',
            until: lastSafe,
            text: `${known.fault.text} Seen since ${toWireTime(known.since ?? lastSafe)}. ${ACTS[known.fault.reason]}`,
          },
        ],
  )
