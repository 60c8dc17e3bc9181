import { X509Certificate } from 'node:crypto'
import type { AcmeProxy, ProxiedAnswer } from './acme-proxy.ts'

/** RFC 9773 section 4.2. */
export interface OfferedWindow {
  readonly start: Date
  readonly end: Date
  readonly retryAfterSeconds: number
}

export interface RenewalInformationServer {
  /** Identifiers of section 4.1, in the order in which the certificates were fetched. */
  readonly issued: readonly string[]
  /** What orders named as what they replace, with the status that they were answered with. */
  readonly replaced: readonly { readonly identifier: string; readonly status: number }[]
  /** How often each certificate was asked about. */
  asked(identifier: string): number
}

const EXPLANATION = 'https://ca.example/why'

/**
 * Gives a CA that has none (Debian's Pebble 2.4.0) renewal information: it names the resource in the directory, answers for the certificates that were issued and for no
 * other, and lets each be replaced once. `offers`: the window of the n-th certificate, counted from 1. What RFC 9773 leaves to signatures and orders is the real CA's.
 */
export function offerRenewalInformation(
  proxy: AcmeProxy,
  offers: (nth: number) => OfferedWindow,
): RenewalInformationServer {
  const issued: string[] = []
  const replaced: { identifier: string; status: number }[] = []
  const looks = new Map<string, number>()

  function directory({ body }: ProxiedAnswer) {
    const renewalInfo = proxy.directoryUrl.replace(/\/dir$/, '/renewal-info')
    return { body: Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), renewalInfo })) }
  }

  /** Section 4.2: unauthenticated; section 4.3.2: with a Retry-After. */
  function information(identifier: string) {
    const nth = issued.indexOf(identifier) + 1
    if (nth === 0) return refusal(404, 'malformed', 'no such certificate')
    looks.set(identifier, (looks.get(identifier) ?? 0) + 1)
    const { start, end, retryAfterSeconds } = offers(nth)
    const suggestedWindow = { start: start.toISOString(), end: end.toISOString() }
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'retry-after': String(retryAfterSeconds) },
      body: Buffer.from(JSON.stringify({ suggestedWindow, explanationURL: EXPLANATION })),
    }
  }

  /** Section 5: one that was replaced already is refused, and so is one that this CA did not issue. */
  function order({ request, status }: ProxiedAnswer) {
    if (status !== 201) return undefined
    const payload = JSON.parse(Buffer.from(JSON.parse(request.toString()).payload, 'base64url').toString())
    const identifier: unknown = payload.replaces
    if (typeof identifier !== 'string') return undefined
    const answer = !issued.includes(identifier)
      ? refusal(400, 'malformed', 'what it replaces is not known here')
      : replaced.some((one) => one.identifier === identifier && one.status === 201)
        ? refusal(409, 'alreadyReplaced', 'it was replaced already')
        : undefined
    replaced.push({ identifier, status: answer?.status ?? 201 })
    return answer
  }

  proxy.tamper((answer) => {
    const { method, path, status, body } = answer
    if (path === '/dir') return directory(answer)
    if (method === 'GET' && path.startsWith('/renewal-info/')) return information(path.split('/')[2] ?? '')
    if (path === '/order-plz') return order(answer)
    if (path.startsWith('/certZ/') && status === 200) {
      const identifier = identifierOf(new X509Certificate(body))
      if (!issued.includes(identifier)) issued.push(identifier)
    }
    return undefined
  })
  return { issued, replaced, asked: (identifier) => looks.get(identifier) ?? 0 }
}

const refusal = (status: number, type: string, detail: string) => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: Buffer.from(JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status })),
})

/** Section 4.1, apart from what is tested: key identifier and serial number found by their octets. */
function identifierOf({ raw, serialNumber }: X509Certificate): string {
  const extension = raw.indexOf(Buffer.from('0603551d23', 'hex'))
  const keyIdentifier = raw.indexOf(0x80, extension)
  const key = raw.subarray(keyIdentifier + 2, keyIdentifier + 2 + (raw[keyIdentifier + 1] ?? 0))
  const serial = Buffer.from(serialNumber, 'hex')
  const signed = (serial[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), serial]) : serial
  return `${key.toString('base64url')}.${signed.toString('base64url')}`
}
