import { type RawBuilder, sql } from 'kysely'
import type { ChangeId } from '../domain/identifiers.ts'

const MAX_ATTEMPTS = 25

/** A wake-up for a change; one that has not begun yet is replaced. Interpreted by jobs/worker.ts. */
export const addJob = (id: ChangeId, delayMs: number): RawBuilder<unknown> => sql`
  graphile_worker.add_job('advance-change', payload := json_build_object('changeId', ${id}::bigint),
    run_at := now() + ${delayMs} * interval '1 millisecond', job_key := ${`change:${id}`}, max_attempts := ${MAX_ATTEMPTS})`
