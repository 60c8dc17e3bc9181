import { authorityOf } from '../orders.ts'
import { undeploy } from './deploy.ts'
import type { Effect } from './outcome.ts'

/** Clean-ups of an ended change: each finds what is still there, so that a repeat does no harm. */

export const restoreStaging: Effect = async (context) => {
  await undeploy(context, 'staging')
  return { kind: 'done' }
}

export const restoreProduction: Effect = async (context) => {
  await undeploy(context, 'production')
  return { kind: 'done' }
}

export const abandonOrder: Effect = async ({ deps, change }) => {
  await authorityOf(deps, change).abandon(change.id)
  return { kind: 'done', write: (tx) => tx.validations.setPublished(change.id, false) }
}

/** Keys of a change that came to nothing are destroyed at once. */
export const destroyKeys: Effect = async ({ deps, change }) => ({
  kind: 'done',
  write: (tx) => tx.certificates.destroyKeys(change.id, deps.clocks.lifecycle.now()),
})
