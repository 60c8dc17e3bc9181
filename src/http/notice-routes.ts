import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import type { ToldNotice } from '../domain/notices/digest.ts'
import { OCCASION_NAMES } from '../domain/notices/occasions.ts'
import { toWireTime } from '../domain/time.ts'
import { wireTime } from '../wire/members.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import { json } from './exchange.ts'
import { readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const BASE = '/certrail/v1'
const MOST_NOTICES = 200

const newWebhook = z.strictObject({
  url: z.string().min(1).max(2048).refine(isPlainText, { error: NOT_PLAIN_TEXT }),
})
const webhookMembers = { id: z.string(), url: z.string() }
const noticesAnswer = z.strictObject({
  notices: z.array(
    z.strictObject({
      id: z.int(),
      occasion: z.enum(OCCASION_NAMES as [string, ...string[]]),
      enrollmentId: z.int().nullable(),
      changeId: z.int().nullable(),
      text: z.string(),
      at: wireTime,
    }),
  ),
})

/** Our own API: what people and machines are told of, and who is called (docs/notices.md). */
export function noticeRoutes(useCases: UseCases): readonly Route[] {
  return [
    {
      method: 'GET',
      path: `${BASE}/notices`,
      operationId: 'listNotices',
      summary: `What was told, the newest first, at most ${MOST_NOTICES}`,
      access: 'read',
      success: [200],
      answerSchema: noticesAnswer,
      answer: async ({ caller }) =>
        json({ notices: (await useCases.notices(caller, MOST_NOTICES)).map(noticeJson) }),
    },
    {
      method: 'GET',
      path: `${BASE}/webhooks`,
      operationId: 'listWebhooks',
      summary: 'Who is called with the notices of the account',
      access: 'admin',
      success: [200],
      answerSchema: z.strictObject({ webhooks: z.array(z.strictObject(webhookMembers)) }),
      answer: async ({ caller }) => json({ webhooks: await useCases.webhooks(caller) }),
    },
    {
      method: 'POST',
      path: `${BASE}/webhooks`,
      operationId: 'createWebhook',
      summary: 'Lets a URL be called; the secret of its signatures is shown this once',
      access: 'admin',
      success: [201],
      answerSchema: z.strictObject({ ...webhookMembers, secret: z.string() }),
      bodySchema: newWebhook,
      answer: async (exchange) => {
        const { url } = readOwn(exchange, newWebhook)
        const made = await useCases.addWebhook(exchange.caller, url)
        return json(made, { status: 201, headers: { 'Cache-Control': 'no-store' } })
      },
    },
    {
      method: 'DELETE',
      path: `${BASE}/webhooks/:webhookId`,
      operationId: 'deleteWebhook',
      summary: 'Ends the calls, also those that were to be tried again',
      access: 'admin',
      success: [200],
      answerSchema: z.strictObject({ id: z.string() }),
      answer: async ({ caller, parameters }) => {
        const id = parameters['webhookId'] ?? ''
        await useCases.removeWebhook(caller, id)
        return json({ id })
      },
    },
  ]
}

const noticeJson = ({ id, occasion, enrollmentId, changeId, text, at }: ToldNotice) => ({
  id,
  occasion,
  enrollmentId,
  changeId,
  text,
  at: toWireTime(at),
})
