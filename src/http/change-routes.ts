import type { UseCases } from '../app/use-cases.ts'
import { changeVersions } from '../wire/change/versions.ts'
import { deploymentScheduleVersions } from '../wire/deployment-schedule.ts'
import { chooseResponse } from '../wire/negotiate.ts'
import { changeIdVersions } from '../wire/references.ts'
import type { Encoded } from './encoded.ts'
import type { Answer, SignedExchange } from './exchange.ts'
import { waitSeconds } from './preferences.ts'
import { changeOf } from './query.ts'
import { afterLookingFor, readEntity } from './request-entity.ts'
import type { Route } from './route.ts'

const CHANGE = '/cps/v2/enrollments/:enrollmentId/changes/:changeId'
const SCHEDULE = `${CHANGE}/deployment-schedule`

/** Operations 6 to 9 of spec: api 2. */
export function changeRoutes(useCases: UseCases, encoded: Encoded): readonly Route[] {
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

  async function cancelChange(exchange: SignedExchange): Promise<Answer> {
    const reference = changeOf(exchange)
    await afterLookingFor(
      () => useCases.getChange(exchange.caller, reference),
      () => chooseResponse(exchange.header('accept'), changeIdVersions),
    )
    await useCases.cancelChange(exchange.caller, reference)
    return encoded(exchange, changeIdVersions, reference)
  }

  async function setSchedule(exchange: SignedExchange): Promise<Answer> {
    const reference = changeOf(exchange)
    const schedule = await afterLookingFor(
      () => useCases.getChange(exchange.caller, reference),
      () => {
        chooseResponse(exchange.header('accept'), changeIdVersions)
        return readEntity(exchange, deploymentScheduleVersions, null)
      },
    )
    await useCases.setDeploymentSchedule(exchange.caller, reference, schedule)
    return encoded(exchange, changeIdVersions, reference)
  }

  return [
    {
      method: 'GET',
      path: CHANGE,
      operationId: 'getChange',
      summary: 'Get the status of a change; `Prefer: wait=N` answers when it differs, or after N seconds',
      access: 'read',
      success: [200],
      responds: changeVersions,
      answer: getChange,
    },
    {
      method: 'DELETE',
      path: CHANGE,
      operationId: 'cancelChange',
      summary: 'Cancel a change',
      access: 'write',
      success: [200],
      responds: changeIdVersions,
      answer: cancelChange,
    },
    {
      method: 'GET',
      path: SCHEDULE,
      operationId: 'getDeploymentSchedule',
      summary: 'Get the dates between which a change may go live',
      access: 'read',
      success: [200],
      responds: deploymentScheduleVersions,
      answer: async (exchange) =>
        encoded(
          exchange,
          deploymentScheduleVersions,
          await useCases.getDeploymentSchedule(exchange.caller, changeOf(exchange)),
        ),
    },
    {
      method: 'PUT',
      path: SCHEDULE,
      operationId: 'setDeploymentSchedule',
      summary: 'Set the dates between which a change may go live; a missing one means no limit',
      access: 'write',
      success: [200],
      accepts: deploymentScheduleVersions,
      responds: changeIdVersions,
      answer: setSchedule,
    },
  ]
}
