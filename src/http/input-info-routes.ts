import type { ChangeReference, UseCases } from '../app/use-cases.ts'
import type { Caller } from '../app/views.ts'
import { changeManagementVersions } from '../wire/change-management/versions.ts'
import { deploymentVersions } from '../wire/deployment/versions.ts'
import { dvChallengesVersions } from '../wire/dv-challenges/versions.ts'
import { chooseResponse } from '../wire/negotiate.ts'
import type { Encoding, WireRow } from '../wire/row.ts'
import { signingRequestVersions } from '../wire/signing-requests.ts'
import { warningsVersions } from '../wire/warnings.ts'
import type { Encoded } from './encoded.ts'
import type { Answer, SignedExchange } from './exchange.ts'
import { changeOf } from './query.ts'
import { afterLookingFor } from './request-entity.ts'
import type { Route } from './route.ts'

const INFO = '/cps/v2/enrollments/:enrollmentId/changes/:changeId/input/info'

interface InfoType<View> {
  /** The last segment of the path. */
  readonly type: string
  readonly operationId: string
  readonly summary: string
  readonly rows: readonly Encoding<View>[]
  /** @throws Problem 'not-found' at any other moment than that of this type. */
  readonly read: (caller: Caller, reference: ChangeReference) => Promise<View>
}

/** Operation 10 of spec: api 2: what a change shows to whom it waits for, one route for each type of spec: api 3.10. */
export function inputInfoRoutes(useCases: UseCases, encoded: Encoded): readonly Route[] {
  /** A change that is there is asked for its media type first, and for its moment after. */
  async function acceptable<Row extends WireRow>(
    exchange: SignedExchange,
    rows: readonly Row[],
  ): Promise<Row> {
    return afterLookingFor(
      () => useCases.getChange(exchange.caller, changeOf(exchange)),
      () => chooseResponse(exchange.header('accept'), rows),
    )
  }

  const route = <View>({ type, operationId, summary, rows, read }: InfoType<View>): Route => ({
    method: 'GET',
    path: `${INFO}/${type}`,
    operationId,
    summary,
    access: 'read',
    success: [200],
    responds: rows,
    answer: async (exchange) => {
      await acceptable(exchange, rows)
      return encoded(exchange, rows, await read(exchange.caller, changeOf(exchange)))
    },
  })

  /** One resource in two forms: what was checked, or what is on staging. */
  async function changeManagement(exchange: SignedExchange): Promise<Answer> {
    const { resource } = await acceptable(exchange, [...changeManagementVersions, ...deploymentVersions])
    const { caller } = exchange
    const reference = changeOf(exchange)
    return resource === 'deployment'
      ? encoded(exchange, deploymentVersions, await useCases.getPendingDeployment(caller, reference))
      : encoded(exchange, changeManagementVersions, await useCases.getChangeManagementInfo(caller, reference))
  }

  return [
    route({
      type: 'lets-encrypt-challenges',
      operationId: 'getChallenges',
      summary: 'Get the challenges of a change in domain validation',
      rows: dvChallengesVersions,
      read: (caller, reference) => useCases.getChallenges(caller, reference),
    }),
    route({
      type: 'pre-verification-warnings',
      operationId: 'getPreVerificationWarnings',
      summary: 'Get what was found before verification, one warning a line',
      rows: warningsVersions,
      read: (caller, reference) => useCases.getWarnings(caller, reference, 'pre-verification'),
    }),
    route({
      type: 'post-verification-warnings',
      operationId: 'getPostVerificationWarnings',
      summary: 'Get what was found in a certificate, one warning a line',
      rows: warningsVersions,
      read: (caller, reference) => useCases.getWarnings(caller, reference, 'post-verification'),
    }),
    route({
      type: 'third-party-csr',
      operationId: 'getSigningRequests',
      summary: 'Get the certificate signing requests of a third-party change',
      rows: signingRequestVersions,
      read: (caller, reference) => useCases.getSigningRequests(caller, reference),
    }),
    {
      method: 'GET',
      path: `${INFO}/change-management-info`,
      operationId: 'getChangeManagementInfo',
      summary: 'Get what an acknowledgement would release; as a deployment: what staging serves of it',
      access: 'read',
      success: [200],
      responds: [...changeManagementVersions, ...deploymentVersions],
      answer: changeManagement,
    },
  ]
}
