import { canonicalJson } from '../../domain/change/content.ts'
import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import { servedNames } from '../../domain/enrollment/served-names.ts'
import { plus, SECOND } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { DeploymentRecord } from '../../ports/deployments.ts'
import { asLater, heldBack } from './held-back.ts'
import { bring, deploymentIdOf } from './deploy.ts'
import type { Effect, EffectContext } from './outcome.ts'
import { tellNoWayBack } from './way-back.ts'

const AGAIN_MS = 30 * SECOND

/**
 * CPS API: PUT enrollments, `allow-staging-bypass`. What is live gets the settled network settings at once; the change that is open goes on from where it
 * stands. A network that cannot be reached does not fail that change: the push is tried again until it is there.
 */
export const pushSettings: Effect = async (context) => {
  const { deps, locked, change } = context
  const active = await locked.read.deployments.active(change.enrollmentId)
  const live = active.find(({ network }) => network === 'production')
  const settled = await locked.read.lifecycle.settled(change.enrollmentId)
  if (live === undefined || settled === null || serves(live, settled)) return { kind: 'done' }
  const held = await heldBack(context, 'production')
  if (held !== null) return asLater(held)
  try {
    const withKeyPairs = await locked.read.certificates.withKeyPairs(live.certificateIds)
    const { deployment, handshakes } = await bring(
      context,
      await successor(context, live, settled),
      withKeyPairs,
    )
    return {
      kind: 'done',
      keeps: { handshakes, activates: { id: deployment.id, at: deps.clocks.lifecycle.now() } },
    }
  } catch (error) {
    const code = error instanceof Problem ? error.code : 'internal-error'
    deps.observer.stepFailed({ changeId: change.id, effect: 'push-settings', code, cause: error })
    const write =
      code === 'no-way-back' && error instanceof Problem ? tellNoWayBack(context, error) : undefined
    return {
      kind: 'later',
      // Of a process that stops it is the next one's affair, at once.
      at: plus(deps.clocks.lifecycle.now(), context.signal.aborted ? 0 : AGAIN_MS),
      ...(write && { write }),
    }
  }
}

/** The next generation of the deployment that is live, so that it outlives the change that is open now; the same again after a crash or a failure. */
async function successor(
  { deps, locked }: EffectContext,
  live: DeploymentRecord,
  settled: EnrollmentSettings,
): Promise<DeploymentRecord> {
  const latest = await locked.read.deployments.find(live.changeId, 'production')
  const begun = latest !== null && latest.id !== live.id && serves(latest, settled)
  const generation = begun ? latest.generation : (latest?.generation ?? live.generation) + 1
  return {
    ...live,
    id: deploymentIdOf(live.changeId, 'production', generation),
    generation,
    settings: settled.networkConfiguration,
    servedNames: servedNames(settled),
    state: 'pending',
    replaces: {},
    createdAt: deps.clocks.lifecycle.now(),
    activatedAt: null,
  }
}

const serves = (deployment: DeploymentRecord, settled: EnrollmentSettings): boolean =>
  canonicalJson(described(deployment.settings, deployment.servedNames)) ===
  canonicalJson(described(settled.networkConfiguration, servedNames(settled)))

const described = (settings: DeploymentRecord['settings'], names: readonly string[]) => ({
  settings,
  names: names.toSorted(),
})
