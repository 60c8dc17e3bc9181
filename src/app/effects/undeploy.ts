import type { Network } from '../../domain/network.ts'
import type { DeploymentRecord } from '../../ports/deployments.ts'
import type { EffectContext } from './outcome.ts'
import { obstaclesBehind } from './way-back.ts'

/** The way back is committed already; an edge that cannot be told now follows the database when it can. */
export async function withdrawQuietly(
  { deps, change, signal }: EffectContext,
  network: Network,
  deployment: DeploymentRecord,
) {
  for (const edge of await deps.edges.edgesOf(network)) {
    try {
      await edge.withdraw(deployment.id, deployment.servedNames, signal)
    } catch (error) {
      deps.observer.stepFailed({
        changeId: change.id,
        effect: `withdraw from ${network}`,
        code: 'edge-unreachable',
        cause: error,
      })
    }
  }
}

/**
 * Points a network's names back at what they were answered with before this change, past every generation of its own. Nothing to do where the change
 * deployed nothing. Edges are told in any case: a crash may have come between the way back and its telling.
 *
 * False: what was answered before may not be served again, and nothing newer has taken this change's place yet. Its keys are needed until then.
 */
export async function undeploy(context: EffectContext, network: Network): Promise<boolean> {
  const { locked, change } = context
  const deployments = await locked.read.deployments.ofChange(change.id, network)
  const standing = deployments.filter(({ state }) => state !== 'failed' && state !== 'withdrawn')
  if (await isOnlyWayForward(context, standing)) return false
  await locked.transaction(async (tx) => {
    for (const { id } of standing) await tx.deployments.revert(id)
  })
  for (const deployment of deployments) await withdrawQuietly(context, network, deployment)
  return true
}

async function isOnlyWayForward(
  context: EffectContext,
  standing: readonly DeploymentRecord[],
): Promise<boolean> {
  if ((await obstaclesBehind(context, standing)).length === 0) return false
  const active = await context.locked.read.deployments.active(context.change.enrollmentId)
  const newer = active.some(
    ({ network, changeId }) => network === 'production' && changeId > context.change.id,
  )
  return !newer
}
