import type { UseCases } from '../app/use-cases.ts'
import type { WireContext } from '../wire/row.ts'
import { changeRoutes } from './change-routes.ts'
import { deploymentRoutes } from './deployment-routes.ts'
import { encodedBy } from './encoded.ts'
import { enrollmentRoutes } from './enrollment-routes.ts'
import { errorTypeRoutes } from './error-type-routes.ts'
import { json } from './exchange.ts'
import { historyRoutes } from './history-routes.ts'
import { inputInfoRoutes } from './input-info-routes.ts'
import { inputUpdateRoutes } from './input-update-routes.ts'
import { contractIdentifiersAnswer } from './own-answers.ts'
import type { Route } from './route.ts'

export interface CpsRouteDependencies {
  readonly useCases: UseCases
  readonly wire: WireContext
  /** Lower case: no enrollment may hold one of these. */
  readonly serviceNames: readonly string[]
}

/** The CPS API: all operations of spec: api 2. */
export function cpsRoutes({ useCases, wire, serviceNames }: CpsRouteDependencies): readonly Route[] {
  const encoded = encodedBy(wire)
  return [
    ...enrollmentRoutes({ useCases, encoded, serviceNames }),
    ...changeRoutes(useCases, encoded),
    ...inputInfoRoutes(useCases, encoded),
    ...inputUpdateRoutes(useCases, encoded),
    ...deploymentRoutes(useCases, encoded),
    ...historyRoutes(useCases, encoded),
    ...errorTypeRoutes(),
    {
      method: 'GET',
      path: '/contract-api/v1/contracts/identifiers',
      operationId: 'listContractIdentifiers',
      summary: 'The ids of the contracts of the account',
      access: 'read',
      success: [200],
      query: [{ name: 'depth', meaning: 'Ignored: all contracts are told whatever it says' }],
      answerSchema: contractIdentifiersAnswer,
      answer: async (exchange) => json(await useCases.contractIdentifiers(exchange.caller)),
    },
  ]
}
