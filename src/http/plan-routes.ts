import { z } from 'zod'
import type { PlanView } from '../app/views.ts'
import type { UseCases } from '../app/use-cases.ts'
import { cronFault } from '../domain/plan/cron.ts'
import type { Maintenance } from '../domain/plan/maintenance.ts'
import { type Conflict, CONFLICT_CODES } from '../domain/plan/renewal-moments.ts'
import { PLAN_STEPS } from '../domain/plan/plan-steps.ts'
import { fromWireTime, type Instant, toWireTime } from '../domain/time.ts'
import { wireTime } from '../wire/members.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import { json, type SignedExchange } from './exchange.ts'
import type { JsonObject } from '../wire/json.ts'
import { enrollmentOf } from './query.ts'
import { afterLookingFor, readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const BASE = '/certrail/v1'
const MOST_WINDOWS = 50
const WEEK_IN_MINUTES = 7 * 24 * 60

const moment = z
  .string({ error: 'must be a time as RFC 3339 has it' })
  .transform((text, context): Instant => {
    const at = fromWireTime(text)
    if (at !== null) return at
    context.addIssue('must be a time as RFC 3339 has it')
    return z.NEVER
  })

const window = z
  .strictObject({
    cron: z.string().max(100),
    timeZone: z.string().max(100),
    durationMinutes: z.int().min(1).max(WEEK_IN_MINUTES),
  })
  .superRefine(({ cron, timeZone }, context) => {
    if (cronFault('0 0 * * *', timeZone) !== null)
      context.addIssue({
        code: 'custom',
        path: ['timeZone'],
        message: 'must be a time zone such as Europe/Berlin',
      })
    const fault = cronFault(cron, 'UTC')
    if (fault !== null) context.addIssue({ code: 'custom', path: ['cron'], message: fault })
  })

const freeze = z
  .strictObject({
    from: moment,
    until: moment,
    reason: z.string().trim().min(1).max(200).refine(isPlainText, { error: NOT_PLAIN_TEXT }),
  })
  .refine(({ from, until }) => from < until, { path: ['until'], error: 'must be after from' })

const maintenance = z.strictObject({
  windows: z.array(window).max(MOST_WINDOWS),
  freezes: z.array(freeze).max(MOST_WINDOWS),
})
const renewal = z.strictObject({ keepKey: z.boolean() })

const conflict = { code: z.enum(CONFLICT_CODES), text: z.string(), until: wireTime }
const conflictsAnswer = z.strictObject({
  conflicts: z.array(z.strictObject({ enrollmentId: z.int(), ...conflict })),
})
const maintenanceMembers = {
  windows: z.array(z.strictObject({ cron: z.string(), timeZone: z.string(), durationMinutes: z.int() })),
  freezes: z.array(z.strictObject({ from: wireTime, until: wireTime, reason: z.string() })),
}
const planAnswer = z.strictObject({
  enrollmentId: z.int(),
  now: wireTime,
  keepKey: z.boolean(),
  lastSafe: wireTime.nullable(),
  steps: z.array(z.strictObject({ at: wireTime, what: z.enum(PLAN_STEPS), reason: z.string() })),
  holds: z.array(z.strictObject({ kind: z.enum(['pause', 'pin']), text: z.string() })),
  conflicts: z.array(z.strictObject(conflict)),
})

/** Our own API: what will happen by itself, and when an account lets it. */
export function planRoutes(useCases: UseCases): readonly Route[] {
  const planned = async (exchange: SignedExchange) =>
    json(planJson(await useCases.plan(exchange.caller, enrollmentOf(exchange))))

  async function putRenewal(exchange: SignedExchange) {
    const id = enrollmentOf(exchange)
    const { keepKey } = await afterLookingFor(
      () => useCases.getEnrollment(exchange.caller, id),
      () => readOwn(exchange, renewal),
    )
    await useCases.setKeepKey(exchange.caller, id, keepKey)
    return planned(exchange)
  }

  return [
    {
      method: 'GET',
      path: `${BASE}/enrollments/:enrollmentId/plan`,
      operationId: 'getPlan',
      summary: 'What will happen to the enrollment by itself, when and why, and what stands in its way',
      access: 'read',
      success: [200],
      answerSchema: planAnswer,
      answer: planned,
    },
    {
      method: 'PUT',
      path: `${BASE}/enrollments/:enrollmentId/renewal`,
      operationId: 'setRenewal',
      summary: 'Whether renewals keep the key; answers with the plan',
      access: 'write',
      success: [200],
      answerSchema: planAnswer,
      bodySchema: renewal,
      answer: putRenewal,
    },
    {
      method: 'GET',
      path: `${BASE}/conflicts`,
      operationId: 'listConflicts',
      summary: 'What stands in the way of renewals of the account',
      access: 'read',
      success: [200],
      answerSchema: conflictsAnswer,
      answer: async ({ caller }) =>
        json({ conflicts: conflictsJson(await useCases.renewalConflicts(caller)) }),
    },
    {
      method: 'GET',
      path: `${BASE}/maintenance`,
      operationId: 'getMaintenance',
      summary: 'Maintenance windows and freezes of the account',
      access: 'read',
      success: [200],
      answerSchema: z.strictObject(maintenanceMembers),
      answer: async ({ caller }) => json(maintenanceJson(await useCases.maintenance(caller))),
    },
    {
      method: 'PUT',
      path: `${BASE}/maintenance`,
      operationId: 'setMaintenance',
      summary: 'Replaces them; renewals are planned anew, and what finds no window in time is told',
      access: 'admin',
      success: [200],
      answerSchema: z.strictObject({ ...maintenanceMembers, ...conflictsAnswer.shape }),
      bodySchema: maintenance,
      answer: async (exchange) => {
        const wanted = readOwn(exchange, maintenance)
        const conflicts = await useCases.setMaintenance(exchange.caller, wanted)
        return json({ ...maintenanceJson(wanted), conflicts: conflictsJson(conflicts) })
      },
    },
  ]
}

const maintenanceJson = ({ windows, freezes }: Maintenance) => ({
  windows: windows.map(({ cron, timeZone, durationMinutes }) => ({ cron, timeZone, durationMinutes })),
  freezes: freezes.map(({ from, until, reason }) => ({
    from: toWireTime(from),
    until: toWireTime(until),
    reason,
  })),
})

/** With the enrollment where they are of several. */
const conflictsJson = (
  conflicts: readonly (Conflict & { readonly enrollmentId?: number })[],
): readonly JsonObject[] =>
  conflicts.map(({ enrollmentId, code, text, until }) => ({
    ...(enrollmentId === undefined ? {} : { enrollmentId }),
    code,
    text,
    until: toWireTime(until),
  }))

const planJson = ({
  enrollmentId,
  now,
  keepKey,
  lastSafe,
  steps,
  holds,
  conflicts,
}: PlanView): JsonObject => ({
  enrollmentId,
  now: toWireTime(now),
  keepKey,
  lastSafe: lastSafe === null ? null : toWireTime(lastSafe),
  steps: steps.map(({ at, what, reason }) => ({ at: toWireTime(at), what, reason })),
  holds: holds.map(({ kind, text }) => ({ kind, text })),
  conflicts: conflictsJson(conflicts),
})
