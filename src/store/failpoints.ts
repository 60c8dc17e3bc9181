import type { Kysely } from 'kysely'
import type { Clock } from '../ports/clock.ts'
import type { Failpoints } from '../ports/failpoints.ts'
import type { Logger } from '../observe/log.ts'
import type { Database } from './schema.ts'

export interface FailpointOptions {
  /** `before:STEP`, `during:STEP` or `after:STEP`; null: nothing ever fires. */
  readonly wanted: string | null
  readonly log: Logger
  readonly real: Clock
  readonly kill: () => void
}

/** Fires once in the life of a database: that it did is committed before the process kills itself. */
export function createFailpoints(
  db: Kysely<Database>,
  { wanted, log, real, kill }: FailpointOptions,
): Failpoints {
  return {
    async reach(moment, names) {
      if (wanted === null || !names.some((name) => wanted === `${moment}:${name}`)) return
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('failpoints_fired')
        .values({ name: wanted, real_at: real.now() })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) return
      log.fatal({ failpoint: wanted }, 'failpoint fired: this process kills itself now')
      kill()
      await new Promise(() => {})
    },
  }
}
