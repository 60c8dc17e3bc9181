import type { Kysely } from 'kysely'
import { changeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { FrozenContents } from '../ports/frozen-contents.ts'
import type { Database } from './schema.ts'

export function createFrozenContents(db: Kysely<Database>): FrozenContents {
  return {
    async keep({ changeId: change, document, hash, frozenAt }) {
      await db
        .insertInto('frozen_contents')
        .values({ change_id: change, document, hash, frozen_at: frozenAt })
        .onConflict((conflict) => conflict.column('change_id').doNothing())
        .execute()
    },
    async discard(change) {
      await db.deleteFrom('frozen_contents').where('change_id', '=', change).execute()
    },
    async find(change) {
      const row = await db
        .selectFrom('frozen_contents')
        .selectAll()
        .where('change_id', '=', change)
        .executeTakeFirst()
      if (row === undefined) return null
      const { document, hash } = row
      return { changeId: changeId(row.change_id), document, hash, frozenAt: row.frozen_at as Instant }
    },
  }
}
