import { type RawBuilder, sql } from 'kysely'
import { type ChangeId, changeId } from '../domain/identifiers.ts'
import type { WakeUp, WakeUps } from '../ports/wake-ups.ts'
import { WAKE_CHANNEL } from './channels.ts'
import type { Listener } from './listener.ts'

/** Heard when the transaction that it is part of commits; the other half of `readWakeUp`. */
export const tellWorkers = (id: ChangeId, afterMs: number): RawBuilder<unknown> =>
  sql`pg_notify(${WAKE_CHANNEL}, ${JSON.stringify([id, afterMs])})`

/** The same for the change whose id a column holds, at once. */
export const tellWorkersOf = (column: string): RawBuilder<unknown> =>
  sql`pg_notify(${WAKE_CHANNEL}, json_build_array(${sql.ref(column)}, 0)::text)`

function readWakeUp(payload: string): WakeUp {
  const [id, afterMs] = JSON.parse(payload) as [number, number]
  return { changeId: changeId(id), afterMs }
}

export const createWakeUps = (notes: Pick<Listener, 'subscribe'>): WakeUps => ({
  subscribe: (listener) =>
    notes.subscribe((note) => {
      if (note === null) listener(null)
      else if (note.channel === WAKE_CHANNEL) listener(readWakeUp(note.payload))
    }),
})
