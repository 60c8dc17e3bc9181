import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import type { GenerationsView, GenerationView } from '../app/views.ts'
import { type Instant, toWireTime } from '../domain/time.ts'
import type { JsonObject } from '../wire/json.ts'
import { wireTime } from '../wire/members.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import { type Answer, json, type SignedExchange } from './exchange.ts'
import { enrollmentOf } from './query.ts'
import { readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const BASE = '/certrail/v1/enrollments/:enrollmentId'

const wish = z.strictObject({
  generation: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullish()
    .transform((given) => given ?? null),
  reason: z.string().trim().max(200).refine(isPlainText, { error: NOT_PLAIN_TEXT }).default(''),
})

const generationsAnswer = z.strictObject({
  enrollmentId: z.int(),
  live: z.int().nullable(),
  pin: z
    .strictObject({
      generation: z.int(),
      reason: z.string(),
      pinnedBy: z.string(),
      pinnedAt: wireTime,
      givesWayAt: wireTime.nullable(),
    })
    .nullable(),
  generations: z.array(
    z.strictObject({
      generation: z.int(),
      changeId: z.int(),
      isLive: z.boolean(),
      provenAt: wireTime.nullable(),
      lastSafe: wireTime.nullable(),
      servedNames: z.array(z.string()),
      certificates: z.array(
        z.strictObject({ keyAlgorithm: z.string(), serialNumber: z.string(), notAfter: wireTime }),
      ),
      obstacles: z.array(z.string()),
    }),
  ),
})

/** Our own API: what production served, going back to it, and keeping it. */
export function generationRoutes(useCases: UseCases): readonly Route[] {
  /** Before everything else: an object of others does not exist, whatever is asked of it. */
  async function own(exchange: SignedExchange) {
    const id = enrollmentOf(exchange)
    await useCases.getEnrollment(exchange.caller, id)
    return [exchange.caller, id] as const
  }
  async function wishOf(exchange: SignedExchange) {
    const [caller, id] = await own(exchange)
    return [caller, id, readOwn(exchange, wish)] as const
  }
  const answered = { success: [200], answerSchema: generationsAnswer } as const
  return [
    {
      method: 'GET',
      path: `${BASE}/generations`,
      operationId: 'listGenerations',
      summary:
        'What production served of the enrollment, the newest first, and what stands in the way of going back',
      access: 'read',
      ...answered,
      answer: async (exchange) => shown(await useCases.generations(...(await own(exchange)))),
    },
    {
      method: 'POST',
      path: `${BASE}/rollback`,
      operationId: 'rollBackEnrollment',
      summary: 'Let production serve the generation before, or another one that it proved, and pin it there',
      access: 'write',
      bodySchema: wish,
      ...answered,
      answer: async (exchange) => shown(await useCases.rollBack(...(await wishOf(exchange)))),
    },
    {
      method: 'PUT',
      path: `${BASE}/pin`,
      operationId: 'pinEnrollment',
      summary: 'Let production keep the generation that it serves, until it is unpinned or nears its end',
      access: 'write',
      bodySchema: wish,
      ...answered,
      answer: async (exchange) => shown(await useCases.pinGeneration(...(await wishOf(exchange)))),
    },
    {
      method: 'DELETE',
      path: `${BASE}/pin`,
      operationId: 'unpinEnrollment',
      summary: 'Let what waited go to production',
      access: 'write',
      ...answered,
      answer: async (exchange) => shown(await useCases.unpinGeneration(...(await own(exchange)))),
    },
  ]
}

const timeOrNull = (at: Instant | null): string | null => (at === null ? null : toWireTime(at))

const shown = ({ enrollmentId, live, pin, generations }: GenerationsView): Answer =>
  json({
    enrollmentId,
    live,
    pin: pin && {
      ...pin,
      pinnedAt: toWireTime(pin.pinnedAt),
      givesWayAt: timeOrNull(pin.givesWayAt),
    },
    generations: generations.map(generationJson),
  })

const generationJson = (each: GenerationView): JsonObject => ({
  generation: each.number,
  changeId: each.changeId,
  isLive: each.isLive,
  provenAt: timeOrNull(each.provenAt),
  lastSafe: timeOrNull(each.lastSafe),
  servedNames: [...each.servedNames],
  certificates: each.certificates.map(({ keyAlgorithm, serialNumber, notAfter }) => ({
    keyAlgorithm,
    serialNumber,
    notAfter: toWireTime(notAfter),
  })),
  obstacles: [...each.obstacles],
})
