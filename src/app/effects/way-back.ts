import { obstaclesToReturn } from '../../domain/certificate/way-back.ts'
import type { NewNotice } from '../../domain/notices/notices-of-move.ts'
import { Problem } from '../../errors/problem.ts'
import type { DeploymentRecord } from '../../ports/deployments.ts'
import type { Repositories } from '../../ports/store.ts'
import type { Dependencies } from '../dependencies.ts'
import { noticeRecords } from '../notices/records.ts'
import { formerCertificates } from '../former-certificates.ts'
import type { EffectContext, Write } from './outcome.ts'

/** What a generation found on its edges: which of them showed it, and why the others did not. */
export interface Proof {
  readonly passed: readonly string[]
  readonly failed: readonly { readonly edge: string; readonly message: string }[]
}

const STANDING: readonly DeploymentRecord['state'][] = ['active', 'pending', 'replaced']

/**
 * Why production is not to be led back to what it answered before these deployments; empty: it is. Staging has no clients whom a bad certificate hurts. Where
 * nothing was answered before, going back is to nothing.
 */
export async function obstaclesBehind(
  { deps, locked }: Pick<EffectContext, 'deps' | 'locked'>,
  deployments: readonly DeploymentRecord[],
): Promise<readonly string[]> {
  const served = deployments.filter(({ network }) => network === 'production')
  const own = new Set(served.map(({ id }) => id))
  const before = served.flatMap(({ replaces }) => Object.values(replaces).filter((id) => id !== null))
  const others = [...new Set(before)].filter((id) => !own.has(id))
  if (others.length === 0) return []
  const standing = (await locked.read.deployments.byIds(others)).filter(({ state }) =>
    STANDING.includes(state),
  )
  return obstaclesOf(deps, locked.read, standing)
}

export async function obstaclesOf(
  deps: Pick<Dependencies, 'certificates' | 'clocks'>,
  read: Repositories,
  deployments: readonly DeploymentRecord[],
): Promise<readonly string[]> {
  const ids = deployments.flatMap(({ certificateIds }) => certificateIds)
  const former = await formerCertificates(deps, read, [...new Set(ids)])
  return obstaclesToReturn(former, deps.clocks.lifecycle.now())
}

/** The evidence: which edge, what was seen there, why not back, and who serves the new one. */
export function noWayBack({ passed, failed }: Proof, obstacles: readonly string[], cause: unknown): Problem {
  const found = failed.map(({ edge, message }) => `${edge}: ${message}`).join(' ')
  const stays =
    passed.length === 0
      ? 'No edge has shown the new certificate'
      : `The new certificate stays on the edges that showed it (${passed.join(', ')})`
  return new Problem('no-way-back', {
    detail: `${found} ${stays}; production is not led back, since ${obstacles.join(', and ')}.`.trim(),
    cause,
  })
}

/** Told at once and once for each change, however often the step is tried again. */
export function tellNoWayBack({ deps, change }: EffectContext, problem: Problem): Write {
  const { id: changeId, enrollmentId, settings, createdAt } = change
  deps.observer.noWayBack({ changeId, enrollmentId, reason: problem.message })
  const notice: NewNotice = {
    occasion: 'no-way-back',
    text: `${settings.csr.cn} (enrollment ${enrollmentId}, change ${changeId}): ${problem.message} It is tried again by itself; somebody should look at the edges that are named.`,
    dueAt: createdAt,
  }
  return (tx) => tx.notices.add(noticeRecords(change, [notice]))
}
