import type { Kysely } from 'kysely'
import { instant } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import { CLOCK_CHANNEL } from './channels.ts'
import type { Listener } from './listener.ts'
import type { Database } from './schema.ts'

/**
 * The real clock plus an offset that the database keeps, so that every process and every start agree. While the clock is being advanced it stands at
 * each due moment (`standing_at`). Read from memory; a notification says when to read the row again.
 */
export async function createLifecycleClock(
  db: Kysely<Database>,
  real: Clock,
  listener: Listener,
): Promise<{ clock: Clock; close(): void }> {
  let row = await readRow(db)
  const unsubscribe = listener.subscribe((note) => {
    if (note !== null && note.channel !== CLOCK_CHANNEL) return
    readRow(db).then(
      (fresh) => {
        row = fresh
      },
      () => {},
    )
  })
  return {
    clock: { now: () => instant(row.standing_at ?? real.now() + row.offset_milliseconds) },
    close: unsubscribe,
  }
}

const readRow = (db: Kysely<Database>) =>
  db.selectFrom('lifecycle_clock').select(['offset_milliseconds', 'standing_at']).executeTakeFirstOrThrow()
