import { authorityOf } from '../orders.ts'
import { HOUR, plus } from '../../domain/time.ts'
import { undeploy } from './undeploy.ts'
import type { Effect } from './outcome.ts'

/** Clean-ups of an ended change: each finds what is still there, so that a repeat does no harm. */

export const restoreStaging: Effect = async (context) => {
  await undeploy(context, 'staging')
  return { kind: 'done' }
}

/** Until something newer is live, or what was served before may be served again after all. */
const LOOKS_AGAIN_MS = HOUR

export const restoreProduction: Effect = async (context) => {
  if (await undeploy(context, 'production')) return { kind: 'done' }
  return { kind: 'later', at: plus(context.deps.clocks.lifecycle.now(), LOOKS_AGAIN_MS) }
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
