import { type MailText, nextDeliveryDelay } from '../../domain/notices/digest.ts'
import { plus } from '../../domain/time.ts'
import type { CallWebhook, Delivery, SendMail, Webhook } from '../../ports/notices.ts'
import type { Dependencies } from '../dependencies.ts'

/** The secret of a webhook is bound to it. */
export const webhookContext = ({ id, accountId }: Pick<Webhook, 'id' | 'accountId'>) => ({
  account: accountId,
  object: `webhook:${id}`,
  version: 1,
})

/** HMAC-SHA256 of a text under a key, base64. */
export type Sign = (key: Uint8Array, text: string) => string

export interface DeliveryDependencies
  extends Pick<Dependencies, 'store' | 'clocks' | 'secrets' | 'observer'> {
  /** Null: no mail server is configured, and no mail was formed. */
  readonly sendMail: SendMail | null
  readonly callWebhook: CallWebhook
  readonly sign: Sign
}

const AT_ONCE = 20

/**
 * Sends what is formed, oldest first; says how many were tried. Each in a transaction that holds its row: another process passes it over, and one that is
 * killed lets it go. Whoever is killed between the sending and the commit sends it once more under the same id, by which a receiver knows it.
 */
export async function sendDeliveries(deps: DeliveryDependencies, signal: AbortSignal): Promise<number> {
  for (let tried = 0; tried < AT_ONCE; tried += 1)
    if (signal.aborted || !(await sendOne(deps, signal))) return tried
  return AT_ONCE
}

async function sendOne(deps: DeliveryDependencies, signal: AbortSignal): Promise<boolean> {
  return deps.store.transaction(async (tx) => {
    const now = deps.clocks.real.now()
    const [delivery] = await tx.notices.toSend(now, 1)
    if (delivery === undefined) return false
    try {
      if (delivery.channel === 'mail') await mail(deps, delivery)
      else await call(deps, delivery, await tx.notices.webhook(delivery.target), signal)
      await tx.notices.sent(delivery.id, deps.clocks.real.now())
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unknown'
      const delay = nextDeliveryDelay(delivery.attempts + 1)
      const { channel, id } = delivery
      deps.observer.noticeFailed({
        channel,
        id,
        attempt: delivery.attempts + 1,
        givenUp: delay === null,
        message,
      })
      await tx.notices.failed(id, message.slice(0, 500), delay === null ? null : plus(now, delay))
    }
    return true
  })
}

async function mail({ sendMail }: DeliveryDependencies, { id, target, content }: Delivery): Promise<void> {
  if (sendMail === null) throw new Error('no mail server is configured (CERTRAIL_SMTP_URL)')
  await sendMail({ id, to: target, ...(content as MailText) })
}

/** standard-webhooks.com: id, timestamp and signature of both with the body, so that a receiver refuses what is old or was seen. */
async function call(
  { clocks, secrets, sign, callWebhook }: DeliveryDependencies,
  { id, content }: Delivery,
  webhook: Webhook | null,
  signal: AbortSignal,
): Promise<void> {
  // Removed meanwhile: there is nobody to be told.
  if (webhook === null) return
  const body = JSON.stringify(content)
  const timestamp = String(Math.floor(clocks.real.now() / 1000))
  const key = secrets.open(webhook.sealedSecret, webhookContext(webhook))
  const headers = {
    'content-type': 'application/json',
    'webhook-id': `msg_${id}`,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${sign(key, `msg_${id}.${timestamp}.${body}`)}`,
  }
  const status = await callWebhook({ url: webhook.url, headers, body }, signal)
  if (status < 200 || status > 299) throw new Error(`answered with ${status}`)
}
