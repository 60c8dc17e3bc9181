import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { type Instant, instant } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { ClockControl } from '../ports/clock-control.ts'
import { CLOCK_CHANNEL } from './channels.ts'
import type { Listener } from './listener.ts'
import type { Database } from './schema.ts'

/** Key of the advisory lock under which the clock is turned. */
const CLOCK_LOCK = 0x636c6f63
/** Who turns the clock through a year takes his time, and no statement waits for that long (named-statements.ts). */
const LOOK_AT_LOCK_EVERY_MS = 50

interface ClockRow {
  readonly offset_milliseconds: number
  readonly standing_at: number | null
  readonly target: number | null
}

export interface LifecycleClock {
  readonly clock: Clock
  readonly control: ClockControl
  close(): void
}

export interface ClockOptions {
  /** The clock begins here and moves only when it is turned; null: it runs as the real one does. */
  readonly standsFrom?: Instant | null
}

/**
 * The real clock plus an offset that the database keeps, so that every process and every start agree. While the clock is being advanced it stands at
 * each due moment (`standing_at`). Read from memory; a notification says when to read the row again.
 */
export async function createLifecycleClock(
  db: Kysely<Database>,
  real: Clock,
  listener: Listener,
  { standsFrom = null }: ClockOptions = {},
): Promise<LifecycleClock> {
  if (standsFrom !== null) await standStill(db, standsFrom)
  let row = await readRow(db)
  let writes = 0
  let turn: Promise<void> = Promise.resolve()
  const unsubscribe = listener.subscribe((note) => {
    if (note !== null && note.channel !== CLOCK_CHANNEL) return
    turn = turn.then(follow).catch(() => {})
  })

  /** One at a time, and nothing that was read before this process wrote: else an older answer that comes late would turn the clock back. */
  async function follow(): Promise<void> {
    const before = writes
    const fresh = await readRow(db)
    if (writes === before) row = fresh
  }

  async function write(change: Partial<ClockRow>): Promise<void> {
    await db.updateTable('lifecycle_clock').set(change).execute()
    row = { ...row, ...change }
    writes += 1
    await sql`select pg_notify(${CLOCK_CHANNEL}, '')`.execute(db)
  }

  const control: ClockControl = {
    exclusively: (work) =>
      db.connection().execute(async (connection) => {
        while (!(await tryLock(connection))) await pause(LOOK_AT_LOCK_EVERY_MS)
        try {
          return await work()
        } finally {
          await sql`select pg_advisory_unlock(${CLOCK_LOCK})`.execute(connection)
        }
      }),
    agree() {
      const agreed = turn.then(follow)
      turn = agreed.catch(() => {})
      return agreed
    },
    target: async () => (await readRow(db)).target as Instant | null,
    isTurned: () => row.target !== null,
    setTarget: (target) => write({ target }),
    standAt: (at) => write({ standing_at: at }),
    runFrom: (at) =>
      write({
        standing_at: standsFrom === null ? null : at,
        target: null,
        offset_milliseconds: Math.max(0, at - real.now()),
      }),
  }
  return {
    clock: { now: () => instant(row.standing_at ?? real.now() + row.offset_milliseconds) },
    control,
    close: unsubscribe,
  }
}

/** At the first start of a seeded sandbox, whichever of its processes comes first; one that ran before stands from where it is. */
const standStill = (db: Kysely<Database>, from: Instant) =>
  db
    .updateTable('lifecycle_clock')
    .set({ standing_at: from })
    .where('standing_at', 'is', null)
    .where('target', 'is', null)
    .where('offset_milliseconds', '=', 0)
    .execute()

async function tryLock(db: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`select pg_try_advisory_lock(${CLOCK_LOCK}) as held`.execute(
    db,
  )
  return rows[0]?.held === true
}

const readRow = (db: Kysely<Database>): Promise<ClockRow> =>
  db
    .selectFrom('lifecycle_clock')
    .select(['offset_milliseconds', 'standing_at', 'target'])
    .executeTakeFirstOrThrow()
