import { createHmac } from 'node:crypto'
import type { Sign } from '../app/notices/send-deliveries.ts'
import type { OutboundFetch } from '../outbound/guarded-fetch.ts'
import type { CallWebhook } from '../ports/notices.ts'

/** standard-webhooks.com, scheme v1. */
export const signHmac: Sign = (key, text) => createHmac('sha256', key).update(text).digest('base64')

/** No redirect is followed, and the address was judged: a webhook reaches nothing that its owner could not reach. */
export const createWebhookCaller =
  (fetch: OutboundFetch): CallWebhook =>
  async ({ url, headers, body }, signal) => {
    const { status } = await fetch(
      { url, method: 'POST', headers, content: new TextEncoder().encode(body) },
      signal,
    )
    return status
  }
