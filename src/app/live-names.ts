import type { EnrollmentId } from '../domain/identifiers.ts'
import type { Repositories } from '../ports/store.ts'

/** Canonical: what this enrollment answers to on either network now, each once. */
export async function namesLiveFor(
  { deployments }: Pick<Repositories, 'deployments'>,
  id: EnrollmentId,
): Promise<readonly string[]> {
  const active = await deployments.active(id)
  return [...new Set(active.flatMap(({ servedNames }) => servedNames))]
}
