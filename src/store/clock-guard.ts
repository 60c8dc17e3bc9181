import { type Kysely, sql } from 'kysely'
import { clockFault } from '../domain/clock/clock-agreement.ts'
import type { AccountId } from '../domain/identifiers.ts'
import { type Instant, instant, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { ClockGuard } from '../ports/clock-guard.ts'
import { insertNotices } from './notices.ts'
import type { Database } from './schema.ts'

const LOOK_EVERY_MS = 5 * SECOND
/** An answer that took longer, or a machine that slept in between, says nothing of the moment. */
const LONGEST_ANSWER_MS = 5 * SECOND

export interface ClockGuardOptions {
  readonly instance: string
  readonly real: Clock
  /** Who is told. */
  readonly operatorAccount: AccountId
  readonly onStopped: (reason: string) => void
}

export function createClockGuard(db: Kysely<Database>, options: ClockGuardOptions): ClockGuard {
  const { instance, real } = options
  let lookedAt: Instant | null = null
  let isStopped = false
  let looking: Promise<void> | null = null

  async function look(): Promise<void> {
    const reading = await readBoth(db, real)
    if (reading === null) return
    const row = await db
      .selectFrom('clock_checks')
      .selectAll()
      .where('instance', '=', instance)
      .executeTakeFirst()
    const fault = clockFault({
      ...reading,
      confirmedMs: row?.confirmed_ms ?? 0,
      seenAt: (row?.real_seen_at ?? null) as Instant | null,
    })
    const wasStopped = row !== undefined && row.stopped_since !== null
    await keep(reading, wasStopped ? null : fault)
    if (fault !== null && !wasStopped) options.onStopped(fault)
    isStopped = wasStopped || fault !== null
    lookedAt = reading.real
  }

  /** `fault`: found at this very look. */
  async function keep(reading: { real: Instant; database: Instant }, fault: string | null): Promise<void> {
    const seen = { difference_ms: reading.real - reading.database, real_seen_at: reading.real }
    const stopped = fault === null ? {} : { stopped_since: reading.real, reason: fault }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('clock_checks')
        .values({ instance, ...seen, ...stopped })
        .onConflict((conflict) =>
          conflict.column('instance').doUpdateSet({
            ...seen,
            real_seen_at: sql<number>`greatest(clock_checks.real_seen_at, excluded.real_seen_at)`,
            ...stopped,
          }),
        )
        .execute()
      if (fault !== null) await insertNotices([noticeOf(options, fault, reading.real)]).execute(tx)
    })
  }

  return {
    async isStopped() {
      const isFresh = lookedAt !== null && Math.abs(real.now() - lookedAt) < LOOK_EVERY_MS
      if (!isFresh) await (looking ??= look().finally(() => void (looking = null)))
      return isStopped
    },
    async checks() {
      const rows = await db.selectFrom('clock_checks').selectAll().orderBy('instance').execute()
      return rows.map((row) => ({
        instance: row.instance,
        differenceMs: row.difference_ms,
        stoppedSince: row.stopped_since as Instant | null,
        reason: row.reason,
      }))
    },
    async confirm() {
      await look()
      await db
        .updateTable('clock_checks')
        .set({
          confirmed_ms: sql<number>`difference_ms`,
          real_seen_at: null,
          stopped_since: null,
          reason: null,
        })
        .execute()
      lookedAt = null
    },
  }
}

/** The sandbox's clock moves because somebody turns it. */
export const NO_CLOCK_GUARD: ClockGuard = {
  isStopped: async () => false,
  checks: async () => [],
  confirm: async () => {},
}

async function readBoth(
  db: Kysely<Database>,
  real: Clock,
): Promise<{ readonly real: Instant; readonly database: Instant } | null> {
  const before = real.now()
  // The one question to the database's clock: it is what this process's clock is compared with, and no lifecycle time.
  const { rows } = await sql<{ database_clock: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as database_clock`.execute(db)
  const after = real.now()
  const [row] = rows
  if (row === undefined || after - before > LONGEST_ANSWER_MS) return null
  return { real: after, database: instant(row.database_clock) }
}

const noticeOf = ({ operatorAccount, instance }: ClockGuardOptions, fault: string, at: Instant) => ({
  accountId: operatorAccount,
  enrollmentId: null,
  changeId: null,
  occasion: 'clock-moved' as const,
  text: `${instance}: ${fault} Nothing is issued or deployed there until somebody has set it right or knows that it is, and says so: certrail clock confirm.`,
  dueAt: at,
})
