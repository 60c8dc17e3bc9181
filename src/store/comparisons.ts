import type { Kysely } from 'kysely'
import { deploymentId } from '../domain/identifiers.ts'
import type { Comparisons } from '../ports/comparisons.ts'
import type { Database } from './schema.ts'

export function createComparisons(db: Kysely<Database>): Comparisons {
  return {
    async keep({ deploymentId: deployment, document, name, answeredBy }) {
      const kept = { document, name, answered_by: answeredBy }
      await db
        .insertInto('comparisons')
        .values({ deployment_id: deployment, ...kept })
        .onConflict((conflict) => conflict.column('deployment_id').doUpdateSet(kept))
        .execute()
    },
    async find(deployment) {
      const row = await db
        .selectFrom('comparisons')
        .selectAll()
        .where('deployment_id', '=', deployment)
        .executeTakeFirst()
      if (row === undefined) return null
      const { document, name } = row
      const answeredBy = row.answered_by === null ? null : deploymentId(row.answered_by)
      return { deploymentId: deploymentId(row.deployment_id), document, name, answeredBy }
    },
  }
}
