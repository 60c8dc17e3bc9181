import { acknowledgementDeadline } from '../domain/change/acknowledgement-deadline.ts'
import { obstaclesToReturn } from '../domain/certificate/way-back.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import { toWireTime } from '../domain/time.ts'
import type { ProvenDeployment } from '../ports/deployments.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { formerCertificates } from './former-certificates.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { Caller, GenerationsView, GenerationView } from './views.ts'

/** Own API: what production proved of the enrollment, the newest first, what it serves, and what it is pinned to. */
export async function listGenerations(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
): Promise<GenerationsView> {
  await requireEnrollment(deps.store, caller, id)
  return generationsOf(deps, deps.store.read, id)
}

export async function generationsOf(
  deps: Pick<Dependencies, 'certificates' | 'clocks'>,
  read: Repositories,
  id: EnrollmentId,
): Promise<GenerationsView> {
  const [proven, pin] = await Promise.all([read.deployments.proven(id, 'production'), read.pins.of(id)])
  const generations = await Promise.all(proven.map((each) => generationView(deps, read, each)))
  const pinned = generations.find(({ deploymentId }) => deploymentId === pin?.deploymentId)
  return {
    enrollmentId: id,
    live: generations.find(({ isLive }) => isLive)?.number ?? null,
    pin:
      pin === null || pinned === undefined
        ? null
        : {
            generation: pinned.number,
            reason: pin.reason,
            pinnedBy: pin.pinnedBy,
            pinnedAt: pin.pinnedAt,
            givesWayAt: pinned.lastSafe,
          },
    generations,
  }
}

async function generationView(
  deps: Pick<Dependencies, 'certificates' | 'clocks'>,
  read: Repositories,
  { number, deployment }: ProvenDeployment,
): Promise<GenerationView> {
  const { id, changeId, certificateIds, servedNames, state, activatedAt } = deployment
  const certificates = await read.certificates.byIds(certificateIds)
  const lastSafe = acknowledgementDeadline(certificates)
  const now = deps.clocks.lifecycle.now()
  const obstacles = obstaclesToReturn(await formerCertificates(deps, read, certificateIds), now)
  const isLate = lastSafe !== null && lastSafe <= now && obstacles.length === 0
  return {
    number,
    deploymentId: id,
    changeId,
    servedNames,
    isLive: state === 'active',
    provenAt: activatedAt,
    lastSafe,
    certificates,
    obstacles: isLate ? [`it should have been replaced by ${toWireTime(lastSafe)}`] : obstacles,
  }
}
