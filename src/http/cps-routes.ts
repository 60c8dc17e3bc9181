import type { UseCases } from '../app/use-cases.ts'
import { CATALOGUE, type ProblemCode } from '../errors/catalogue.ts'
import { Problem } from '../errors/problem.ts'
import type { WireContext } from '../wire/row.ts'
import { changeRoutes } from './change-routes.ts'
import { deploymentRoutes } from './deployment-routes.ts'
import { encodedBy } from './encoded.ts'
import { enrollmentRoutes } from './enrollment-routes.ts'
import { json } from './exchange.ts'
import { historyRoutes } from './history-routes.ts'
import { inputInfoRoutes } from './input-info-routes.ts'
import { inputUpdateRoutes } from './input-update-routes.ts'
import { problemType } from './problem-json.ts'
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
    errorTypePage('/cps/v2/error-types/:errorType', 'getCpsErrorType', 'cps'),
    errorTypePage('/certrail/v1/error-types/:errorType', 'getOwnErrorType', 'certrail'),
    {
      method: 'GET',
      path: '/contract-api/v1/contracts/identifiers',
      operationId: 'listContractIdentifiers',
      summary: 'The ids of the contracts of the account',
      access: 'read',
      success: [200],
      answer: async (exchange) => json(await useCases.contractIdentifiers(exchange.caller)),
    },
  ]
}

/** Where the `type` of a problem leads. Needs no signature: it says nothing about anybody. */
function errorTypePage(path: string, operationId: string, family: 'cps' | 'certrail'): Route {
  return {
    method: 'GET',
    path,
    operationId,
    summary: 'What a problem type means',
    access: 'open',
    success: [200],
    answer: async (exchange) => {
      const code = exchange.parameters['errorType'] ?? ''
      const row = Object.hasOwn(CATALOGUE, code) ? CATALOGUE[code as ProblemCode] : undefined
      if (row?.family !== family) throw new Problem('not-found')
      return json({
        type: problemType(code as ProblemCode, exchange.host),
        title: row.title,
        status: row.status,
      })
    },
  }
}
