import { createHmac } from 'node:crypto'
import { createOutboundFetch, type OutboundFetch } from '../outbound/guarded-fetch.ts'
import { systemAddresses } from '../outbound/system-addresses.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { type DnsProvider, TEXT_TTL_SECONDS, type TextRecord } from './provider.ts'

export interface WebhookOptions {
  readonly url: string
  readonly secret: Uint8Array
  /** PEM of the roots to trust; null: the system's. */
  readonly roots: string | null
  readonly timeoutMs: number
  readonly real: Clock
  readonly random: Random
}

/** Nothing of the answer is read but its status; this much is let in before the connection is cut. */
const BODY_LIMIT_BYTES = 1024

/**
 * Tells a program of the operator's to place or remove a record. Signed as Standard Webhooks 1.0.0 has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`), so
 * that its libraries verify it. Any status but 2xx is a failure.
 */
export function createWebhook(options: WebhookOptions): DnsProvider {
  const fetch = createOutboundFetch({
    resolve: systemAddresses,
    // The operator names the place, and mostly a private one; nobody else has a say in it.
    targets: 'any',
    timeoutMs: options.timeoutMs,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    trust: options.roots === null ? 'system' : { roots: options.roots },
    schemes: ['https:', 'http:'],
  })
  return {
    place: (record, signal) => tell({ ...options, fetch }, 'dns.txt.place', record, signal),
    remove: (record, signal) => tell({ ...options, fetch }, 'dns.txt.remove', record, signal),
  }
}

async function tell(
  { url, secret, real, random, fetch }: WebhookOptions & { readonly fetch: OutboundFetch },
  type: 'dns.txt.place' | 'dns.txt.remove',
  { zone, owner, value }: TextRecord,
  signal: AbortSignal,
): Promise<void> {
  const at = real.now()
  const message = {
    type,
    timestamp: new Date(at).toISOString(),
    data: { zone, name: owner, type: 'TXT', value, ttl: TEXT_TTL_SECONDS },
  }
  const content = Buffer.from(JSON.stringify(message))
  const headers = {
    'content-type': 'application/json',
    ...signatureHeaders(secret, { id: `msg_${random.uuid()}`, at: Math.floor(at / 1000) }, content),
  }
  const { status } = await fetch({ url, method: 'POST', headers, content }, signal)
  if (status < 200 || status > 299)
    throw new Error(`The webhook at ${new URL(url).host} answered with status ${status}.`)
}

function signatureHeaders(
  secret: Uint8Array,
  { id, at }: { readonly id: string; readonly at: number },
  content: Buffer,
): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`${id}.${at}.`).update(content).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }
}
