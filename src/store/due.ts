import type { Kysely } from 'kysely'
import type { Instant } from '../domain/time.ts'
import { plannedRenewals } from './due-renewals.ts'
import type { Database } from './schema.ts'

/** When something happens next by itself (lifecycle clock); null: nothing is planned. */
export const createDue = (db: Kysely<Database>) => ({
  async earliest(): Promise<Instant | null> {
    const row = await db
      .selectNoFrom(({ fn }) => [
        fn<number | null>('least', [
          db
            .selectFrom('changes')
            .select('next_at')
            .where('next_at', 'is not', null)
            .orderBy('next_at')
            .limit(1)
            .$asScalar(),
          plannedRenewals(db).select('renew_at').limit(1).$asScalar(),
          db
            .selectFrom('enrollments')
            .select('plan_look_at')
            .where('plan_look_at', 'is not', null)
            .where('live_until', 'is not', null)
            .where('removed_at', 'is', null)
            .orderBy('plan_look_at')
            .limit(1)
            .$asScalar(),
          db
            .selectFrom('enrollments')
            .select('names_look_at')
            .where('names_look_at', 'is not', null)
            .where('removed_at', 'is', null)
            .orderBy('names_look_at')
            .limit(1)
            .$asScalar(),
          db
            .selectFrom('notices')
            .select('due_at')
            .where('formed_at', 'is', null)
            .where('dropped_at', 'is', null)
            .orderBy('due_at')
            .limit(1)
            .$asScalar(),
        ]).as('earliest'),
      ])
      .executeTakeFirstOrThrow()
    return row.earliest as Instant | null
  },
})
