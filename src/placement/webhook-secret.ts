const PREFIX = 'whsec_'
/** Standard Webhooks 1.0.0, signature scheme: 24 to 64 octets. */
const LEAST_OCTETS = 24

/** Base64, with or without `whsec_` before it. Throws an Error that quotes nothing of it. */
export function readWebhookSecret(text: string): Uint8Array {
  const given = text.trim()
  const base64 = given.startsWith(PREFIX) ? given.slice(PREFIX.length) : given
  const secret = Buffer.from(base64, 'base64')
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64) || secret.length < LEAST_OCTETS)
    throw new Error(`not base64 of ${LEAST_OCTETS} octets or more`)
  return secret
}
