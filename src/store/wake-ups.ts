import { type RawBuilder, sql } from 'kysely'
import { type ChangeId, changeId } from '../domain/identifiers.ts'
import type { Lane, WakeUp, WakeUps } from '../ports/wake-ups.ts'
import { WAKE_CHANNEL } from './channels.ts'
import type { Listener } from './listener.ts'

/** Heard when the transaction that it is part of commits; the other half of `readWakeUp`. */
export const tellWorkers = (id: ChangeId, afterMs: number, lane: Lane = 'person'): RawBuilder<unknown> =>
  sql`pg_notify(${WAKE_CHANNEL}, ${JSON.stringify([id, afterMs, ...(lane === 'engine' ? [lane] : [])])})`

/** The same for the change whose id a column holds, at once. */
export const tellWorkersOf = (column: string): RawBuilder<unknown> =>
  sql`pg_notify(${WAKE_CHANNEL}, json_build_array(${sql.ref(column)}, 0)::text)`

function readWakeUp(payload: string): WakeUp {
  const [id, afterMs, lane = 'person'] = JSON.parse(payload) as [number, number, Lane?]
  return { changeId: changeId(id), afterMs, lane }
}

export const createWakeUps = (notes: Pick<Listener, 'subscribe'>): WakeUps => ({
  subscribe: (listener) =>
    notes.subscribe((note) => {
      if (note === null) listener(null)
      else if (note.channel === WAKE_CHANNEL) listener(readWakeUp(note.payload))
    }),
})
