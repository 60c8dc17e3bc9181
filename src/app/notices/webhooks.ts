import { Problem } from '../../errors/problem.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Caller, WebhookView } from '../views.ts'
import { webhookContext } from './send-deliveries.ts'

const SECRET_OCTETS = 32
const MOST_WEBHOOKS = 20

/** Own API: who is called with the notices of the account. The secret is shown this once, as standard-webhooks.com writes it. */
export async function addWebhook(
  { store, clocks, random, secrets, plainWebhooks }: Dependencies,
  { accountId }: Caller,
  url: string,
): Promise<WebhookView & { readonly secret: string }> {
  const fault = urlFault(url, plainWebhooks)
  if (fault !== null) throw new Problem('validation-error', { errors: [{ field: '/url', detail: fault }] })
  if ((await store.read.notices.webhooks(accountId)).length >= MOST_WEBHOOKS) {
    const detail = `An account has at most ${MOST_WEBHOOKS} webhooks.`
    throw new Problem('validation-error', { errors: [{ field: '', detail }] })
  }
  const id = random.uuid()
  const secret = random.bytes(SECRET_OCTETS)
  const sealedSecret = secrets.seal(secret, webhookContext({ id, accountId }))
  await store.transaction((tx) =>
    tx.notices.addWebhook({ id, accountId, url, sealedSecret }, clocks.real.now()),
  )
  return { id, url, secret: `whsec_${base64(secret)}` }
}

/** What is asked for is judged again, with its address, at every call. */
function urlFault(text: string, plainWebhooks: boolean): string | null {
  const match = /^(https?):\/\/([^/?#\s]+)(?:[/?#]\S*)?$/i.exec(text)
  if (match === null) return 'must be a URL'
  if (match[1]?.toLowerCase() === 'http' && !plainWebhooks) return 'must begin with https://'
  return match[2]?.includes('@') === true ? 'must not hold credentials: calls are signed' : null
}

export async function removeWebhook(
  { store }: Dependencies,
  { accountId }: Caller,
  id: string,
): Promise<void> {
  // Thrown inside: what is refused is rolled back, with its entry in the audit log.
  await store.transaction(async (tx) => {
    if (!(await tx.notices.removeWebhook(accountId, id))) throw new Problem('not-found')
  })
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 4648 section 4, of 32 octets and the like: this place has no Buffer. */
function base64(octets: Uint8Array): string {
  let text = ''
  for (let at = 0; at < octets.length; at += 3) {
    const group = ((octets[at] ?? 0) << 16) | ((octets[at + 1] ?? 0) << 8) | (octets[at + 2] ?? 0)
    const given = Math.min(3, octets.length - at)
    for (let digit = 0; digit < 4; digit += 1)
      text += digit <= given ? ALPHABET[(group >> (18 - 6 * digit)) & 63] : '='
  }
  return text
}
