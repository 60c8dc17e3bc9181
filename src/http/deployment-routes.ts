import type { UseCases } from '../app/use-cases.ts'
import type { Network } from '../domain/network.ts'
import { Problem } from '../errors/problem.ts'
import { activeCertificatesVersions } from '../wire/active-certificates.ts'
import { deploymentsVersions, deploymentVersions } from '../wire/deployment/versions.ts'
import { chooseResponse } from '../wire/negotiate.ts'
import type { Encoded } from './encoded.ts'
import { contractOf, enrollmentOf } from './query.ts'
import type { Route } from './route.ts'

const DEPLOYMENTS = '/cps/v2/enrollments/:enrollmentId/deployments'

/** Operations 12 to 14 and 18 of spec: api 2. */
export function deploymentRoutes(useCases: UseCases, encoded: Encoded): readonly Route[] {
  const onNetwork = (network: Network, operationId: string): Route => ({
    method: 'GET',
    path: `${DEPLOYMENTS}/${network}`,
    operationId,
    summary: `What the ${network} network serves; 404 when nothing`,
    access: 'read',
    success: [200],
    responds: deploymentVersions,
    answer: async (exchange) => {
      const deployment = (await useCases.getDeployments(exchange.caller, enrollmentOf(exchange)))[network]
      // What cannot be answered is told before there being nothing to answer.
      chooseResponse(exchange.header('accept'), deploymentVersions)
      if (deployment === null) throw new Problem('not-found')
      return encoded(exchange, deploymentVersions, deployment)
    },
  })

  return [
    {
      method: 'GET',
      path: DEPLOYMENTS,
      operationId: 'listDeployments',
      summary: 'What both networks serve',
      access: 'read',
      success: [200],
      responds: deploymentsVersions,
      answer: async (exchange) =>
        encoded(
          exchange,
          deploymentsVersions,
          await useCases.getDeployments(exchange.caller, enrollmentOf(exchange)),
        ),
    },
    onNetwork('production', 'getProductionDeployment'),
    onNetwork('staging', 'getStagingDeployment'),
    {
      method: 'GET',
      path: '/cps/v2/active-certificates',
      operationId: 'listActiveCertificates',
      summary: 'Every enrollment that a network serves, with what is served',
      access: 'read',
      success: [200],
      query: [{ name: 'contractId', meaning: 'Only those of this contract' }],
      responds: activeCertificatesVersions,
      answer: async (exchange) =>
        encoded(
          exchange,
          activeCertificatesVersions,
          await useCases.activeCertificates(exchange.caller, contractOf(exchange.query)),
        ),
    },
  ]
}
