import type { UseCases } from '../app/use-cases.ts'
import type { AccountView } from '../app/views.ts'
import type { JsonObject } from '../wire/json.ts'
import {
  contractsAnswer,
  contractsJson,
  groupsAnswer,
  groupsJson,
  type IdSpelling,
} from '../wire/property-manager.ts'
import { type Answer, json, type SignedExchange } from './exchange.ts'
import type { Route } from './route.ts'

/** What pipelines ask the Property Manager API for before they enroll. Reads only; the rest of that API is not part of Certrail. */
export function papiRoutes(useCases: Pick<UseCases, 'describeAccount'>): readonly Route[] {
  const described =
    (shown: (account: AccountView, spelling: IdSpelling) => JsonObject) =>
    async (exchange: SignedExchange): Promise<Answer> =>
      json(shown(await useCases.describeAccount(exchange.caller), spellingOf(exchange)))
  return [
    {
      method: 'GET',
      path: '/papi/v1/contracts',
      operationId: 'listPropertyContracts',
      summary: 'The contracts of the account, as the Property Manager API shows them',
      access: 'read',
      success: [200],
      answerSchema: contractsAnswer,
      answer: described(contractsJson),
    },
    {
      method: 'GET',
      path: '/papi/v1/groups',
      operationId: 'listPropertyGroups',
      summary: 'One group for each contract of the account, as the Property Manager API shows them',
      access: 'read',
      success: [200],
      answerSchema: groupsAnswer,
      answer: described(groupsJson),
    },
  ]
}

/** The Go SDK always says which it wants, and wants prefixes; who says nothing gets them as well. */
const spellingOf = (exchange: SignedExchange): IdSpelling => ({
  prefixes: exchange.header('papi-use-prefixes')?.trim().toLowerCase() !== 'false',
})
