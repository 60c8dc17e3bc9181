import { z } from 'zod'
import type { ChangeView } from '../../app/views.ts'
import { ALLOWED_INPUTS, allowedInputOf } from '../../domain/change/allowed-input.ts'
import { STATUSES } from '../../domain/change/statuses.ts'
import { CHANGE_STATES, CHANGE_STATUSES, type ChangeStatus } from '../../domain/change/vocabulary.ts'
import { toWireTime } from '../../domain/time.ts'
import { encodeSchedule, scheduleAnswer } from '../deployment-schedule.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { changeLocation } from '../locations.ts'
import { timeOrEmpty } from '../members.ts'
import { type Encoding, encodingsOf, type WireContext } from '../row.ts'

const answer = z.strictObject({
  statusInfo: z.strictObject({
    state: z.enum(CHANGE_STATES),
    status: z.enum([...CHANGE_STATUSES, 'coodinate-domain-validation']),
    description: z.string(),
    error: z.strictObject({ code: z.string(), description: z.string(), timestamp: timeOrEmpty }).nullable(),
    deploymentSchedule: scheduleAnswer,
  }),
  allowedInput: z.array(
    z.strictObject({
      type: z.enum(Object.keys(ALLOWED_INPUTS)),
      requiredToProceed: z.boolean(),
      info: z.string(),
      update: z.string(),
    }),
  ),
})

/** CPS API: Change. Versions 1 and 2 are the same; 3 to 5 are not documented and taken to be (spec: api 5.4). */
export const changeVersions: readonly Encoding<ChangeView>[] = encodingsOf(
  'change',
  {
    1: encodeChange,
    2: encodeChange,
    3: encodeChange,
    4: encodeChange,
    5: encodeChange,
  },
  { 1: answer, 2: answer, 3: answer, 4: answer, 5: answer },
)

function encodeChange(view: ChangeView, wire: WireContext): JsonObject {
  return {
    statusInfo: {
      state: view.state,
      status: spelled(view.status, wire),
      description: descriptionOf(view),
      error: errorOf(view),
      deploymentSchedule: encodeSchedule(view.schedule),
    },
    allowedInput: allowedInputOf(view).map((input) => ({
      type: input.type,
      requiredToProceed: input.requiredToProceed,
      info: `${changeLocation(view.enrollmentId, view.id)}/${input.infoTail}`,
      update: `${changeLocation(view.enrollmentId, view.id)}/${input.updateTail}`,
    })),
  }
}

/** A cancelled change keeps the status it was cancelled in, and waits for nobody any more. */
const descriptionOf = ({ state, status }: ChangeView): string =>
  state === 'cancelled' ? 'The change was cancelled.' : STATUSES[status].description

/** Old clients know only the historical misspelling (spec: behaviour C2). */
const spelled = (status: ChangeStatus, wire: WireContext): string =>
  status === 'coordinate-domain-validation' ? `${wire.spelling}-domain-validation` : status

/**
 * Said in state `error` alone: the Terraform provider gives up as soon as it reads a description. There it is never null,
 * which the Python CLI would not survive.
 */
function errorOf(view: ChangeView): JsonValue {
  if (view.state !== 'error') return null
  const { error } = view
  return error === null
    ? { code: view.status, description: STATUSES[view.status].description, timestamp: '' }
    : { code: error.code, description: error.description, timestamp: toWireTime(error.at) }
}
