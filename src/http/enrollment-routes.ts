import type { UseCases } from '../app/use-cases.ts'
import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { ChangeId, EnrollmentId } from '../domain/identifiers.ts'
import { enrollmentsVersions, enrollmentVersions } from '../wire/enrollment/versions.ts'
import { enrollmentLocation } from '../wire/locations.ts'
import { chooseResponse } from '../wire/negotiate.ts'
import { enrollmentLocationsVersions, enrollmentStatusVersions } from '../wire/references.ts'
import type { Encoded } from './encoded.ts'
import { readCreateQuery, readRemoveQuery, readUpdateQuery } from './enrollment-query.ts'
import type { Answer, Exchange, SignedExchange } from './exchange.ts'
import { contractOf, enrollmentOf } from './query.ts'
import { afterLookingFor, readEntity, readWithQuery, withFaultsOf } from './request-entity.ts'
import type { Route } from './route.ts'

export interface EnrollmentRouteDependencies {
  readonly useCases: UseCases
  readonly encoded: Encoded
  /** Lower case: no enrollment may hold one of these. */
  readonly serviceNames: readonly string[]
}

const ENROLLMENTS = '/cps/v2/enrollments'
const ENROLLMENT = `${ENROLLMENTS}/:enrollmentId`

const SCHEDULE_QUERY = [
  { name: 'deploy-not-after', meaning: 'Date or RFC 3339 time after which the certificate must not go live' },
  {
    name: 'deploy-not-before',
    meaning: 'Date or RFC 3339 time before which the certificate must not go live',
  },
]

const CANCEL_QUERY = {
  name: 'allow-cancel-pending-changes',
  meaning: '`true`: a pending change is cancelled first',
}

const UPDATE_QUERY = [
  CANCEL_QUERY,
  {
    name: 'allow-staging-bypass',
    meaning:
      '`true`: straight to production, without the staging step; while a change is open, network settings alone, which that change takes over',
  },
  ...SCHEDULE_QUERY,
  { name: 'force-renewal', meaning: '`true`: a renewal starts even when the body brings no difference' },
  { name: 'renewal-date-check-override', meaning: '`true`: also inside the window of the automatic renewal' },
  {
    name: 'allow-missing-certificate-addition',
    meaning: '`true`: the missing one of two third-party certificates may be added',
  },
]

/** Operations 1 to 5 of spec: api 2. */
export function enrollmentRoutes({
  useCases,
  encoded,
  serviceNames,
}: EnrollmentRouteDependencies): readonly Route[] {
  async function createEnrollment(exchange: SignedExchange): Promise<Answer> {
    // What cannot be answered must not be done either.
    chooseResponse(exchange.header('accept'), enrollmentStatusVersions)
    const { query, body } = readWithQuery(() => readCreateQuery(exchange.query), bodyOf(exchange, null))
    const input = { ...query, settings: body }
    const { enrollmentId, changeId } = await useCases.createEnrollment(exchange.caller, input)
    return started(exchange, enrollmentId, changeId)
  }

  async function updateEnrollment(exchange: SignedExchange): Promise<Answer> {
    const id = enrollmentOf(exchange)
    const query = await updateQueryOf(exchange, id)
    const settings = (stored: EnrollmentSettings) => bodyOf(exchange, stored)()
    const input = { ...query, settings }
    return started(exchange, id, await useCases.updateEnrollment(exchange.caller, id, input))
  }

  async function updateQueryOf(exchange: SignedExchange, id: EnrollmentId) {
    try {
      chooseResponse(exchange.header('accept'), enrollmentStatusVersions)
      return readUpdateQuery(exchange.query)
    } catch (refusal) {
      // Whoever may not see it hears only that it is not there.
      const { settings } = await useCases.getEnrollment(exchange.caller, id)
      throw withFaultsOf(bodyOf(exchange, settings), refusal)
    }
  }

  async function removeEnrollment(exchange: SignedExchange): Promise<Answer> {
    const id = enrollmentOf(exchange)
    const input = await afterLookingFor(
      () => useCases.getEnrollment(exchange.caller, id),
      () => {
        chooseResponse(exchange.header('accept'), enrollmentStatusVersions)
        return readRemoveQuery(exchange.query)
      },
    )
    return started(exchange, id, await useCases.removeEnrollment(exchange.caller, id, input))
  }

  /** What an old version cannot say stays as it is stored. */
  const bodyOf = (exchange: SignedExchange, stored: EnrollmentSettings | null) => () =>
    readEntity(exchange, enrollmentVersions, { stored, serviceNames })

  /** 202 with the change that goes on from here; 200 when all is done already. */
  function started(exchange: Exchange, enrollmentId: EnrollmentId, changeId: ChangeId | null): Answer {
    const view = { enrollmentId, changeIds: changeId === null ? [] : [changeId] }
    const options =
      changeId === null ? {} : { status: 202, headers: { Location: enrollmentLocation(enrollmentId) } }
    return encoded(exchange, enrollmentStatusVersions, view, options)
  }

  const listed = [...enrollmentsVersions, ...enrollmentLocationsVersions]

  return [
    {
      method: 'POST',
      path: ENROLLMENTS,
      operationId: 'createEnrollment',
      summary: 'Create an enrollment',
      access: 'write',
      success: [202],
      query: [
        { name: 'contractId', meaning: 'The contract that owns the enrollment', required: true },
        ...SCHEDULE_QUERY,
        { name: 'allow-duplicate-cn', meaning: '`true`: the common name may be in use already' },
        { name: 'allowDuplicateCN', meaning: 'Another spelling of `allow-duplicate-cn`' },
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
      success: [200],
      query: [{ name: 'contractId', meaning: 'Only those of this contract' }],
      responds: listed,
      answer: async (exchange) =>
        encoded(
          exchange,
          listed,
          await useCases.listEnrollments(exchange.caller, contractOf(exchange.query)),
        ),
    },
    {
      method: 'GET',
      path: ENROLLMENT,
      operationId: 'getEnrollment',
      summary: 'Get an enrollment',
      access: 'read',
      success: [200],
      responds: enrollmentVersions,
      answer: async (exchange) =>
        encoded(
          exchange,
          enrollmentVersions,
          await useCases.getEnrollment(exchange.caller, enrollmentOf(exchange)),
        ),
    },
    {
      method: 'PUT',
      path: ENROLLMENT,
      operationId: 'updateEnrollment',
      summary: 'Update an enrollment: 202 with the change that this starts, 200 when it needs none',
      access: 'write',
      success: [200, 202],
      query: UPDATE_QUERY,
      accepts: enrollmentVersions,
      responds: enrollmentStatusVersions,
      answer: updateEnrollment,
    },
    {
      method: 'DELETE',
      path: ENROLLMENT,
      operationId: 'removeEnrollment',
      summary:
        'Remove an enrollment: 202 with the change that takes it off the networks, 200 when it is gone at once',
      access: 'write',
      success: [200, 202],
      query: [CANCEL_QUERY, ...SCHEDULE_QUERY],
      responds: enrollmentStatusVersions,
      answer: removeEnrollment,
    },
  ]
}
