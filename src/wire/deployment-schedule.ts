import { z } from 'zod'
import type { DeploymentSchedule } from '../app/views.ts'
import { fromWireTime, type Instant, toWireTime } from '../domain/time.ts'
import type { FieldError } from '../errors/problem.ts'
import { cannotBeTaken, decodeBody } from './decode-body.ts'
import type { JsonObject } from './json.ts'
import { wireTime } from './members.ts'
import { type Decoding, type Encoding, mediaTypeOf } from './row.ts'

/** A missing member means null (spec: api 3.9). */
const body = z.object({ notBefore: z.string().nullish(), notAfter: z.string().nullish() })

export const scheduleAnswer = z.strictObject({
  notBefore: wireTime.nullable(),
  notAfter: wireTime.nullable(),
})

/** CPS API: DeploymentSchedule, both ways. */
export const deploymentScheduleVersions: readonly (Encoding<DeploymentSchedule> &
  Decoding<DeploymentSchedule>)[] = [
  {
    resource: 'deployment-schedule',
    version: 1,
    mediaType: mediaTypeOf('deployment-schedule', 1),
    schema: body,
    answer: scheduleAnswer,
    encode: encodeSchedule,
    decode: decodeSchedule,
  },
]

export function encodeSchedule(schedule: DeploymentSchedule): JsonObject {
  return { notBefore: timeOrNull(schedule.notBefore), notAfter: timeOrNull(schedule.notAfter) }
}

function decodeSchedule(sent: unknown): DeploymentSchedule {
  const read = decodeBody(body, sent, 'deployment schedule')
  const errors: FieldError[] = []
  const notBefore = timeAt('/notBefore', read.notBefore ?? null, errors)
  const notAfter = timeAt('/notAfter', read.notAfter ?? null, errors)
  if (notBefore !== null && notAfter !== null && notAfter <= notBefore)
    errors.push({ field: '/notAfter', detail: 'must be later than notBefore' })
  if (errors.length > 0) throw cannotBeTaken('deployment schedule', errors)
  return { notBefore, notAfter }
}

function timeAt(field: string, text: string | null, errors: FieldError[]): Instant | null {
  const at = text === null ? null : fromWireTime(text)
  if (text !== null && at === null)
    errors.push({ field, detail: 'must be a date, or a time as RFC 3339 has it, or null' })
  return at
}

const timeOrNull = (at: Instant | null): string | null => (at === null ? null : toWireTime(at))
