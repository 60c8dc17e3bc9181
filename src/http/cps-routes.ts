import type { UseCases } from '../app/use-cases.ts'
import { CATALOGUE, type ProblemCode } from '../errors/catalogue.ts'
import { Problem } from '../errors/problem.ts'
import { acknowledgementVersions } from '../wire/acknowledgement.ts'
import { changeVersions } from '../wire/change/versions.ts'
import { deploymentsVersions, deploymentVersions } from '../wire/deployment/versions.ts'
import { dvChallengesVersions } from '../wire/dv-challenges/versions.ts'
import { enrollmentsVersions, enrollmentVersions } from '../wire/enrollment/versions.ts'
import { enrollmentLocation } from '../wire/locations.ts'
import { chooseResponse } from '../wire/negotiate.ts'
import { changeIdVersions, enrollmentStatusVersions } from '../wire/references.ts'
import type { Encoding, WireContext } from '../wire/row.ts'
import { type Answer, type Exchange, json, type SignedExchange } from './exchange.ts'
import { waitSeconds } from './preferences.ts'
import { problemType } from './problem-json.ts'
import { changeOf, contractOf, enrollmentOf, readCreateQuery } from './query.ts'
import { afterLookingFor, readEntity } from './request-entity.ts'
import type { Route } from './route.ts'

export interface CpsRouteDependencies {
  readonly useCases: UseCases
  readonly wire: WireContext
  /** Lower case: no enrollment may hold one of these. */
  readonly serviceNames: readonly string[]
}

const ENROLLMENTS = '/cps/v2/enrollments'
const ENROLLMENT = `${ENROLLMENTS}/:enrollmentId`
const CHANGE = `${ENROLLMENT}/changes/:changeId`

const SCHEDULE_QUERY = [
  { name: 'deploy-not-after', meaning: 'Date or RFC 3339 time after which the certificate must not go live' },
  {
    name: 'deploy-not-before',
    meaning: 'Date or RFC 3339 time before which the certificate must not go live',
  },
]

/** The CPS API's operations, by their numbers in spec: api 2. */
export function cpsRoutes({ useCases, wire, serviceNames }: CpsRouteDependencies): readonly Route[] {
  const encoded = <View>(
    exchange: Exchange,
    rows: readonly Encoding<View>[],
    view: View,
    options: Partial<Answer> = {},
  ): Answer => {
    const row = chooseResponse(exchange.header('accept'), rows)
    return json(row.encode(view, wire), { ...options, mediaType: row.mediaType })
  }

  async function createEnrollment(exchange: SignedExchange): Promise<Answer> {
    // What cannot be answered must not be done either.
    chooseResponse(exchange.header('accept'), enrollmentStatusVersions)
    const settings = readEntity(exchange, enrollmentVersions, { stored: null, serviceNames })
    const input = { ...readCreateQuery(exchange.query), settings }
    const { enrollmentId, changeId } = await useCases.createEnrollment(exchange.caller, input)
    return encoded(
      exchange,
      enrollmentStatusVersions,
      { enrollmentId, changeIds: [changeId] },
      {
        status: 202,
        headers: { Location: enrollmentLocation(enrollmentId) },
      },
    )
  }

  async function getChange(exchange: SignedExchange): Promise<Answer> {
    const reference = changeOf(exchange)
    const seconds = exchange.method === 'HEAD' ? null : waitSeconds(exchange.header('prefer'))
    if (seconds === null)
      return encoded(exchange, changeVersions, await useCases.getChange(exchange.caller, reference))
    await afterLookingFor(
      () => useCases.getChange(exchange.caller, reference),
      () => chooseResponse(exchange.header('accept'), changeVersions),
    )
    const view = await useCases
      .waitForChange(exchange.caller, reference, seconds, exchange.signal)
      .catch((error: unknown) => {
        if (!exchange.signal.aborted) throw error
        return useCases.getChange(exchange.caller, reference)
      })
    return encoded(exchange, changeVersions, view, { headers: { 'Preference-Applied': `wait=${seconds}` } })
  }

  async function acknowledgeChallenges(exchange: SignedExchange): Promise<Answer> {
    const reference = changeOf(exchange)
    const { word } = await afterLookingFor(
      () => useCases.getChange(exchange.caller, reference),
      () => {
        chooseResponse(exchange.header('accept'), changeIdVersions)
        return readEntity(exchange, acknowledgementVersions, null)
      },
    )
    await useCases.acknowledgeChallenges(exchange.caller, reference, word)
    return encoded(exchange, changeIdVersions, reference)
  }

  const deploymentOn = (network: 'staging' | 'production') => async (exchange: SignedExchange) => {
    const deployment = (await useCases.getDeployments(exchange.caller, enrollmentOf(exchange)))[network]
    if (deployment === null) throw new Problem('not-found')
    return encoded(exchange, deploymentVersions, deployment)
  }

  return [
    {
      method: 'POST',
      path: ENROLLMENTS,
      operationId: 'createEnrollment',
      summary: 'Create an enrollment',
      access: 'write',
      success: 202,
      query: [
        { name: 'contractId', meaning: 'The contract that owns the enrollment', required: true },
        ...SCHEDULE_QUERY,
        { name: 'allow-duplicate-cn', meaning: '`true`: the common name may be in use already' },
      ],
      accepts: enrollmentVersions,
      responds: enrollmentStatusVersions,
      answer: createEnrollment,
    },
    {
      method: 'GET',
      path: ENROLLMENTS,
      operationId: 'listEnrollments',
      summary: 'List enrollments',
      access: 'read',
      success: 200,
      query: [{ name: 'contractId', meaning: 'Only those of this contract' }],
      responds: enrollmentsVersions,
      answer: async (exchange) =>
        encoded(
          exchange,
          enrollmentsVersions,
          await useCases.listEnrollments(exchange.caller, contractOf(exchange.query)),
        ),
    },
    {
      method: 'GET',
      path: ENROLLMENT,
      operationId: 'getEnrollment',
      summary: 'Get an enrollment',
      access: 'read',
      success: 200,
      responds: enrollmentVersions,
      answer: async (exchange) =>
        encoded(
          exchange,
          enrollmentVersions,
          await useCases.getEnrollment(exchange.caller, enrollmentOf(exchange)),
        ),
    },
    {
      method: 'GET',
      path: CHANGE,
      operationId: 'getChange',
      summary: 'Get the status of a change; `Prefer: wait=N` answers when it differs, or after N seconds',
      access: 'read',
      success: 200,
      responds: changeVersions,
      answer: getChange,
    },
    {
      method: 'GET',
      path: `${CHANGE}/input/info/lets-encrypt-challenges`,
      operationId: 'getChallenges',
      summary: 'Get the challenges of a change in domain validation',
      access: 'read',
      success: 200,
      responds: dvChallengesVersions,
      answer: async (exchange) =>
        encoded(
          exchange,
          dvChallengesVersions,
          await useCases.getChallenges(exchange.caller, changeOf(exchange)),
        ),
    },
    {
      method: 'POST',
      path: `${CHANGE}/input/update/lets-encrypt-challenges-completed`,
      operationId: 'acknowledgeChallenges',
      summary: 'Ask for the domains to be validated now',
      access: 'write',
      success: 200,
      accepts: acknowledgementVersions,
      responds: changeIdVersions,
      answer: acknowledgeChallenges,
    },
    {
      method: 'GET',
      path: `${ENROLLMENT}/deployments`,
      operationId: 'listDeployments',
      summary: 'What both networks serve',
      access: 'read',
      success: 200,
      responds: deploymentsVersions,
      answer: async (exchange) =>
        encoded(
          exchange,
          deploymentsVersions,
          await useCases.getDeployments(exchange.caller, enrollmentOf(exchange)),
        ),
    },
    {
      method: 'GET',
      path: `${ENROLLMENT}/deployments/production`,
      operationId: 'getProductionDeployment',
      summary: 'What the production network serves; 404 when nothing',
      access: 'read',
      success: 200,
      responds: deploymentVersions,
      answer: deploymentOn('production'),
    },
    {
      method: 'GET',
      path: `${ENROLLMENT}/deployments/staging`,
      operationId: 'getStagingDeployment',
      summary: 'What the staging network serves; 404 when nothing',
      access: 'read',
      success: 200,
      responds: deploymentVersions,
      answer: deploymentOn('staging'),
    },
    errorTypePage('/cps/v2/error-types/:errorType', 'getCpsErrorType', 'cps'),
    errorTypePage('/certrail/v1/error-types/:errorType', 'getOwnErrorType', 'certrail'),
    {
      method: 'GET',
      path: '/contract-api/v1/contracts/identifiers',
      operationId: 'listContractIdentifiers',
      summary: 'The ids of the contracts of the account',
      access: 'read',
      success: 200,
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
    success: 200,
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
