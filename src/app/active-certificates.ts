import { groupedBy } from '../domain/grouped-by.ts'
import type { ContractId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Dependencies } from './dependencies.ts'
import { deploymentView } from './deployments.ts'
import { listEnrollments } from './read-enrollments.ts'
import type { ActiveCertificatesEntry, Caller } from './views.ts'

/** CPS API: ActiveCertificates. Only enrollments of which something is deployed. */
export async function activeCertificates(
  deps: Dependencies,
  caller: Caller,
  contractId: ContractId | null,
): Promise<readonly ActiveCertificatesEntry[]> {
  const [enrollments, { deployments, certificates }] = await Promise.all([
    listEnrollments(deps, caller, contractId),
    deps.store.read.histories.active(caller.accountId, contractId),
  ])
  const certificatesById = new Map(certificates.map((certificate) => [certificate.id, certificate]))
  const deploymentsOf = groupedBy(deployments, ({ enrollmentId }) => enrollmentId)
  return enrollments.flatMap((enrollment) => {
    const own = deploymentsOf.get(enrollment.id) ?? []
    const view = (network: Network) => {
      const deployment = own.find((candidate) => candidate.network === network)
      if (deployment === undefined) return null
      const found = deployment.certificateIds.flatMap((each) => certificatesById.get(each) ?? [])
      return deploymentView(enrollment, deployment, found)
    }
    return own.length === 0 ? [] : [{ enrollment, staging: view('staging'), production: view('production') }]
  })
}
