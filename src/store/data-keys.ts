import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

export interface WrappedDataKey {
  readonly id: number
  readonly wrapped: Uint8Array
}

/** All data keys, newest last; `make` is asked for the first one, and whoever inserts it first wins. */
export async function loadDataKeys(
  db: Kysely<Database>,
  make: () => Uint8Array,
  realNow: number,
): Promise<readonly WrappedDataKey[]> {
  const existing = await readDataKeys(db)
  if (existing.length > 0) return existing
  await db
    .insertInto('data_keys')
    .values({ id: 1, wrapped: make(), real_created_at: realNow })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return readDataKeys(db)
}

export const readDataKeys = (db: Kysely<Database>): Promise<readonly WrappedDataKey[]> =>
  db.selectFrom('data_keys').select(['id', 'wrapped']).orderBy('id').execute()
