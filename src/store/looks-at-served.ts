import { sql } from 'kysely'
import type { CommonTable } from './common-tables.ts'

/**
 * Parts of the statement that makes deployments live: what the part `begins` returns is looked at at once, as if never before; what `ends` returns is not looked at
 * any more.
 */
export const looksOf = ({
  begins,
  ends,
}: {
  readonly begins: string
  readonly ends: string
}): readonly CommonTable[] => [
  {
    name: 'looked_at',
    query: sql`
      insert into served_looks (deployment_id, real_due_at) select id, 0 from ${sql.ref(begins)}
      on conflict (deployment_id) do update set real_due_at = 0, real_looked_at = null, not_before = null, not_after = null, problem = null`,
  },
  {
    name: 'left_alone',
    query: sql`update served_looks set real_due_at = null where deployment_id in (select id from ${sql.ref(ends)})`,
  },
]
