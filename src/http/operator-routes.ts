import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import type { ClockCheck } from '../ports/clock-guard.ts'
import { auditLine } from '../domain/audit/audit-entry.ts'
import { parseDuration } from '../domain/duration.ts'
import { fromWireTime, type Instant, plus, SECOND, toWireTime } from '../domain/time.ts'
import { chooseResponse } from '../wire/negotiate.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import type { WireRow } from '../wire/row.ts'
import { auditLines } from './audit-lines.ts'
import { readAuditQuery } from './audit-query.ts'
import { type Answer, json, type SignedExchange } from './exchange.ts'
import {
  auditAnswer,
  changeAnswer,
  clockAnswer,
  clockChecksAnswer,
  organizationsAnswer,
} from './own-answers.ts'
import { changeJson, clockJson, organizationJson } from './own-json.ts'
import { changeOf } from './query.ts'
import { afterLookingFor, readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const BASE = '/certrail/v1'
const LINES = 'application/x-ndjson'

const duration = z.string({ error: 'must be a duration: P30D, PT12H' }).transform((text, context) => {
  const milliseconds = parseDuration(text)
  if (milliseconds !== null) return milliseconds
  context.addIssue('must be a duration of days, hours, minutes and seconds, forwards: P30D, PT12H')
  return z.NEVER
})

/** Whatever is shown is shown in whole seconds: who turns the clock to a second means all that is due in it. */
const moment = z.string({ error: 'must be a time as RFC 3339 has it' }).transform((text, context) => {
  const at = fromWireTime(text)
  if (at !== null) return text.includes('.') ? at : plus(at, SECOND - 1)
  context.addIssue('must be a time as RFC 3339 has it')
  return z.NEVER
})

/** Unknown members too are refused: a clock cannot be turned back. */
const advance = z
  .strictObject({ by: duration.optional(), to: moment.optional() })
  .refine(({ by, to }) => (by === undefined) !== (to === undefined), {
    error: 'must have either by or to, and not both',
  })
  .transform(({ by, to }) => (by === undefined ? { to: to as Instant } : { by }))

const decision = z.discriminatedUnion(
  'decision',
  [
    z.strictObject({ decision: z.literal('approve') }),
    z.strictObject({
      decision: z.literal('reject'),
      reason: z
        .string({ error: 'must say why' })
        .trim()
        .min(1, { error: 'must say why' })
        .max(1000)
        .refine(isPlainText, { error: NOT_PLAIN_TEXT }),
    }),
  ],
  { error: 'must be approve or reject' },
)

/** JSON unless lines are asked for. */
const AUDIT_FORMS: readonly WireRow[] = [
  { resource: 'audit', version: 1, mediaType: 'application/json', answer: auditAnswer },
  { resource: 'audit', version: 1, mediaType: LINES, answer: z.string() },
]

/** Our own API: what an operator of the sandbox and an administrator may do besides (contract.md). */
export function operatorRoutes(useCases: UseCases, options: { readonly sandbox: boolean }): readonly Route[] {
  async function advanceClock(exchange: SignedExchange): Promise<Answer> {
    const target = readOwn(exchange, advance)
    return json(clockJson(await useCases.advanceClock(exchange.caller, target)))
  }

  async function decideVetting(exchange: SignedExchange): Promise<Answer> {
    const reference = changeOf(exchange)
    const read = await afterLookingFor(
      () => useCases.getChange(exchange.caller, reference),
      () => readOwn(exchange, decision),
    )
    await useCases.decideVetting(
      exchange.caller,
      reference,
      read.decision === 'approve' ? { approve: true } : { approve: false, reason: read.reason },
    )
    return json(changeJson(await useCases.getChange(exchange.caller, reference)))
  }

  async function audit(exchange: SignedExchange): Promise<Answer> {
    const { mediaType } = chooseResponse(exchange.header('accept'), AUDIT_FORMS)
    const { after, limit } = readAuditQuery(exchange.query)
    const page = (last: number, most: number) => useCases.auditEntries(exchange.caller, last, most)
    const headers = { 'Cache-Control': 'no-store' }
    if (mediaType === LINES)
      return { status: 200, mediaType, headers, body: await auditLines(page, { after, limit }) }
    const entries = await page(after, limit ?? DEFAULT_AUDIT_PAGE)
    return json({ entries: entries.map(auditLine) }, { headers })
  }

  const advancing: Route = {
    method: 'POST',
    path: `${BASE}/clock/advance`,
    operationId: 'advanceClock',
    summary: 'Turn the lifecycle clock forwards; everything that becomes due on the way is done',
    access: 'admin',
    success: [200],
    answerSchema: clockAnswer,
    bodySchema: advance,
    answer: advanceClock,
  }

  const checks: readonly Route[] = [
    {
      method: 'GET',
      path: `${BASE}/clock/checks`,
      operationId: 'listClockChecks',
      summary: "How the clock of each process stands to the database's, and whether it stops issuance",
      access: 'read',
      success: [200],
      answerSchema: clockChecksAnswer,
      answer: async ({ caller }) => json(clocksJson(await useCases.clockChecks(caller))),
    },
    {
      method: 'POST',
      path: `${BASE}/clock/confirm`,
      operationId: 'confirmClock',
      summary: 'The clocks are right as they are now: issuance goes on',
      access: 'admin',
      success: [200],
      answerSchema: clockChecksAnswer,
      answer: async ({ caller }) => json(clocksJson(await useCases.confirmClock(caller))),
    },
  ]

  return [
    // The one where the clock can be turned, the others where it must not move by itself; not even the OpenAPI document has more.
    ...(options.sandbox ? [advancing] : checks),
    {
      method: 'POST',
      path: `${BASE}/enrollments/:enrollmentId/changes/:changeId/vetting`,
      operationId: 'decideVetting',
      summary: "The operator's part of OV and EV on the local CA",
      access: 'write',
      success: [200],
      answerSchema: changeAnswer,
      bodySchema: decision,
      answer: decideVetting,
    },
    {
      method: 'GET',
      path: `${BASE}/organizations`,
      operationId: 'listOrganizations',
      summary:
        'Organisations that were checked for OV or EV: what orgId may name, and until when that needs no new check',
      access: 'read',
      success: [200],
      answerSchema: organizationsAnswer,
      answer: async ({ caller }) =>
        json({ organizations: (await useCases.organizations(caller)).map(organizationJson) }),
    },
    {
      method: 'GET',
      path: `${BASE}/audit`,
      operationId: 'readAudit',
      summary: 'Who did what to which object from where, oldest first; as JSON lines, all of it',
      access: 'admin',
      success: [200],
      query: [
        { name: 'after', meaning: 'Only entries with a higher id' },
        {
          name: 'limit',
          meaning: 'At most so many, 1 to 1000; 100 unless said otherwise, and all as JSON lines',
        },
      ],
      responds: AUDIT_FORMS,
      answer: audit,
    },
  ]
}

const DEFAULT_AUDIT_PAGE = 100

const clocksJson = (checks: readonly ClockCheck[]) => ({
  clocks: checks.map(({ instance, differenceMs, stoppedSince, reason }) => ({
    instance,
    differenceSeconds: Math.round(differenceMs / SECOND),
    stoppedSince: stoppedSince === null ? null : toWireTime(stoppedSince),
    reason,
  })),
})
